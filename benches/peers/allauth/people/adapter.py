"""The adapter that allauth needs to sign users in by phone: where the number is stored, and how a message is sent."""

import os

import requests
from allauth.account.adapter import DefaultAccountAdapter
from people.models import User

sms = requests.Session()


class Adapter(DefaultAccountAdapter):
    def set_phone(self, user, phone, verified):
        user.phone, user.phone_verified = phone, verified
        user.save(update_fields=["phone", "phone_verified"])

    def get_phone(self, user):
        return (user.phone, user.phone_verified) if user.phone else None

    def set_phone_verified(self, user, phone):
        self.set_phone(user, phone, True)

    def get_user_by_phone(self, phone):
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user, phone, code, **kwargs):
        message = {"data": {"to": phone, "code": code}}
        sms.post(os.environ["SMS_URL"], json=message, timeout=10).raise_for_status()
