-- Consecutive failures, counted separately for passwords and codes. A sign-in resets both.
ALTER TABLE users
    ADD COLUMN password_failures INT NOT NULL DEFAULT 0,
    ADD COLUMN code_failures INT NOT NULL DEFAULT 0;
