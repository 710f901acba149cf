ALTER TABLE sms_messages DROP COLUMN verified_at;
