-- All texts are compared byte by byte, trailing spaces included. MariaDB (10.2) and MySQL (8.0.17) have different names
-- for that collation: each reads the comment that is meant for it, and an older server fails with a syntax error.
CREATE TABLE users (
    id BIGINT NOT NULL,
    mobile VARCHAR(20) NOT NULL,
    name VARCHAR(64) NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    avatar_url VARCHAR(255) NULL,
    status VARCHAR(16) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    last_login_at DATETIME(6) NULL,
    password_changed_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY users_mobile_key (mobile),
    UNIQUE KEY users_name_key (name),
    CONSTRAINT users_status_check CHECK (status IN ('active', 'locked'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
