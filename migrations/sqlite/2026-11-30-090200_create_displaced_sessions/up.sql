-- Sessions that ended because their account had too many. The device is told why when it comes back.
CREATE TABLE displaced_sessions (
    key_hash VARCHAR(64) NOT NULL PRIMARY KEY CHECK (length(key_hash) = 64),
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    displaced_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL
);
CREATE INDEX displaced_sessions_user_id_index ON displaced_sessions (user_id, displaced_at);
CREATE INDEX displaced_sessions_expires_at_index ON displaced_sessions (expires_at);
