-- The SMS log: one row per message, and one per attempt of a provider to send it. The code is not stored.
CREATE TABLE sms_messages (
    id VARCHAR(32) NOT NULL,
    mobile VARCHAR(20) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    address VARCHAR(45) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    provider VARCHAR(16) NULL,
    provider_message_id VARCHAR(64) NULL,
    provider_error VARCHAR(64) NULL,
    created_at DATETIME(6) NOT NULL,
    finished_at DATETIME(6) NULL,
    PRIMARY KEY (id),
    KEY sms_messages_mobile_index (mobile, created_at),
    KEY sms_messages_created_at_index (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;

CREATE TABLE sms_attempts (
    message_id VARCHAR(32) NOT NULL,
    position INT NOT NULL,
    mobile VARCHAR(20) NOT NULL,
    provider VARCHAR(16) NOT NULL,
    outcome VARCHAR(16) NOT NULL,
    provider_message_id VARCHAR(64) NULL,
    provider_error VARCHAR(64) NULL,
    took_ms INT NOT NULL,
    asked_at DATETIME(6) NOT NULL,
    receipt VARCHAR(16) NULL,
    receipt_error VARCHAR(64) NULL,
    receipt_at DATETIME(6) NULL,
    PRIMARY KEY (message_id, position),
    KEY sms_attempts_mobile_index (mobile, asked_at),
    KEY sms_attempts_provider_message_id_index (provider_message_id),
    CONSTRAINT sms_attempts_message_id_fkey FOREIGN KEY (message_id) REFERENCES sms_messages (id)
        ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
