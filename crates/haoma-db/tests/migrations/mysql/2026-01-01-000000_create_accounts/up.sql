CREATE TABLE accounts (
    id BIGINT NOT NULL,
    name VARCHAR(64) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY accounts_name_key (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
