-- The responses to requests with an idempotency key, without secrets, for a day.
CREATE TABLE idempotency_keys (
    key_hash VARCHAR(64) NOT NULL,
    endpoint VARCHAR(32) NOT NULL,
    body_hmac VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    status INT NULL,
    body VARCHAR(2048) NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash),
    KEY idempotency_keys_created_at_index (created_at),
    CONSTRAINT idempotency_keys_state_check CHECK (state IN ('running', 'done'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
