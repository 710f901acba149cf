-- The responses to requests with an idempotency key, without secrets, for a day.
CREATE TABLE idempotency_keys (
    key_hash VARCHAR(64) NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    endpoint VARCHAR(32) NOT NULL CHECK (length(endpoint) <= 32),
    body_hmac VARCHAR(64) NOT NULL CHECK (length(body_hmac) = 64),
    state VARCHAR(16) NOT NULL CHECK (state IN ('running', 'done')),
    status INTEGER NULL,
    body VARCHAR(2048) NULL CHECK (length(body) <= 2048),
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX idempotency_keys_created_at_index ON idempotency_keys (created_at);
