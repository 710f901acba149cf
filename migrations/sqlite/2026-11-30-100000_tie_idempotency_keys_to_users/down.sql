-- SQLite cannot drop a column that refers to another table.
CREATE TABLE idempotency_keys_before (
    key_hash VARCHAR(64) NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    endpoint VARCHAR(32) NOT NULL CHECK (length(endpoint) <= 32),
    body_hmac VARCHAR(64) NOT NULL CHECK (length(body_hmac) = 64),
    state VARCHAR(16) NOT NULL CHECK (state IN ('running', 'done')),
    status INTEGER NULL,
    body VARCHAR(2048) NULL CHECK (length(body) <= 2048),
    created_at TIMESTAMP NOT NULL
);
INSERT INTO idempotency_keys_before
    SELECT key_hash, endpoint, body_hmac, state, status, body, created_at FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE idempotency_keys_before RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_created_at_index ON idempotency_keys (created_at);
