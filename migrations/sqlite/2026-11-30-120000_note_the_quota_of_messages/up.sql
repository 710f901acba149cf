-- The quota of the number that the message counted against: number, reserve, or that of a known device.
ALTER TABLE sms_messages
    ADD COLUMN quota VARCHAR(24) NOT NULL DEFAULT 'number' CHECK (length(quota) <= 24);
