-- The keys that sign JWTs. The private half is encrypted with a key that is derived from SECRET_KEY. If several
-- instances create the next generation at once, one succeeds.
CREATE TABLE signing_keys (
    generation INT NOT NULL,
    kid VARCHAR(43) NOT NULL,
    public_key VARCHAR(43) NOT NULL,
    private_key VARCHAR(128) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    retired_at DATETIME(6) NULL,
    PRIMARY KEY (generation),
    UNIQUE KEY signing_keys_kid_key (kid)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
