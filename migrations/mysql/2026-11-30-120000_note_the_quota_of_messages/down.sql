ALTER TABLE sms_messages DROP COLUMN quota;
