-- The browsers and apps that have signed in to an account.
CREATE TABLE known_devices (
    device_hash VARCHAR(64) NOT NULL,
    user_id BIGINT NOT NULL,
    user_agent VARCHAR(255) NOT NULL,
    last_used_at DATETIME(6) NOT NULL,
    PRIMARY KEY (device_hash, user_id),
    KEY known_devices_user_id_index (user_id, last_used_at),
    KEY known_devices_last_used_at_index (last_used_at),
    CONSTRAINT known_devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
