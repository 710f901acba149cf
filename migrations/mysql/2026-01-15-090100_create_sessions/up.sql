CREATE TABLE sessions (
    key_hash VARCHAR(64) NOT NULL,
    public_id VARCHAR(36) NOT NULL,
    user_id BIGINT NOT NULL,
    kind VARCHAR(16) NOT NULL,
    remember BOOL NOT NULL,
    device VARCHAR(255) NOT NULL,
    address VARCHAR(45) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    last_seen_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash),
    UNIQUE KEY sessions_public_id_key (public_id),
    KEY sessions_user_id_index (user_id),
    KEY sessions_expires_at_index (expires_at),
    CONSTRAINT sessions_kind_check CHECK (kind IN ('session', 'token')),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
