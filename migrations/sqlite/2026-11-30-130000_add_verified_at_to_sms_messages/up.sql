-- When the code of the message was typed in. A number that was proved in this way counts as known for a while, with or
-- without an account.
ALTER TABLE sms_messages ADD COLUMN verified_at TIMESTAMP NULL;
