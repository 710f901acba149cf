"""Django's own hash, at the iterations of the load test."""

import os

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class Hasher(PBKDF2PasswordHasher):
    iterations = int(os.environ["PASSWORD_ITERATIONS"])
