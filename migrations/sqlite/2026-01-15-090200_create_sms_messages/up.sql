-- The SMS log: one row per message, and one per attempt of a provider to send it. The code is not stored.
CREATE TABLE sms_messages (
    id VARCHAR(32) NOT NULL PRIMARY KEY,
    mobile VARCHAR(20) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    address VARCHAR(45) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    provider VARCHAR(16),
    provider_message_id VARCHAR(64),
    provider_error VARCHAR(64),
    created_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);
CREATE INDEX sms_messages_mobile_index ON sms_messages (mobile, created_at);
CREATE INDEX sms_messages_created_at_index ON sms_messages (created_at);

CREATE TABLE sms_attempts (
    message_id VARCHAR(32) NOT NULL REFERENCES sms_messages (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    mobile VARCHAR(20) NOT NULL,
    provider VARCHAR(16) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    provider_message_id VARCHAR(64),
    provider_error VARCHAR(64),
    took_ms INTEGER NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    receipt VARCHAR(16),
    receipt_error VARCHAR(64),
    receipt_at TIMESTAMP,
    PRIMARY KEY (message_id, position)
);
CREATE INDEX sms_attempts_mobile_index ON sms_attempts (mobile, asked_at);
CREATE INDEX sms_attempts_provider_message_id_index ON sms_attempts (provider_message_id);
