-- The browsers and apps that have signed in to an account.
CREATE TABLE known_devices (
    device_hash VARCHAR(64) NOT NULL CHECK (length(device_hash) = 64),
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_agent VARCHAR(255) NOT NULL CHECK (length(user_agent) <= 255),
    last_used_at TIMESTAMP NOT NULL,
    PRIMARY KEY (device_hash, user_id)
);
CREATE INDEX known_devices_user_id_index ON known_devices (user_id, last_used_at);
CREATE INDEX known_devices_last_used_at_index ON known_devices (last_used_at);
