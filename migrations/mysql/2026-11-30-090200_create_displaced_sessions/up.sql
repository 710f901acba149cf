-- Sessions that ended because their account had too many. The device is told why when it comes back.
CREATE TABLE displaced_sessions (
    key_hash VARCHAR(64) NOT NULL,
    user_id BIGINT NOT NULL,
    displaced_at DATETIME(6) NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    PRIMARY KEY (key_hash),
    KEY displaced_sessions_user_id_index (user_id, displaced_at),
    KEY displaced_sessions_expires_at_index (expires_at),
    CONSTRAINT displaced_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id)
        ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
