-- SQLite compares text byte by byte, but ignores the length in VARCHAR(n), so the checks enforce it.
CREATE TABLE users (
    id INTEGER NOT NULL PRIMARY KEY,
    mobile VARCHAR(20) NOT NULL CHECK (length(mobile) BETWEEN 1 AND 20),
    name VARCHAR(64) NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    password_hash VARCHAR(255) NOT NULL CHECK (length(password_hash) <= 255),
    avatar_url VARCHAR(255) NULL CHECK (length(avatar_url) <= 255),
    status VARCHAR(16) NOT NULL CHECK (status IN ('active', 'locked')),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    last_login_at TIMESTAMP NULL,
    password_changed_at TIMESTAMP NOT NULL
);
-- SQLite checks the last index first. If both are taken, the number is reported, as on MySQL.
CREATE UNIQUE INDEX users_name_key ON users (name);
CREATE UNIQUE INDEX users_mobile_key ON users (mobile);
