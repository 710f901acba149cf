CREATE TABLE sessions (
    key_hash VARCHAR(64) NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    public_id VARCHAR(36) NOT NULL CHECK (length(public_id) <= 36),
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind VARCHAR(16) NOT NULL CHECK (kind IN ('session', 'token')),
    remember BOOLEAN NOT NULL,
    device VARCHAR(255) NOT NULL CHECK (length(device) <= 255),
    address VARCHAR(45) NOT NULL CHECK (length(address) <= 45),
    created_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE UNIQUE INDEX sessions_public_id_key ON sessions (public_id);
CREATE INDEX sessions_user_id_index ON sessions (user_id);
CREATE INDEX sessions_expires_at_index ON sessions (expires_at);
