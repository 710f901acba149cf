CREATE TABLE old_signing_keys (
    generation INT NOT NULL PRIMARY KEY,
    kid VARCHAR(43) NOT NULL CHECK (length(kid) <= 43),
    public_key VARCHAR(43) NOT NULL CHECK (length(public_key) <= 43),
    private_key VARCHAR(128) NOT NULL CHECK (length(private_key) <= 128),
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP NULL
);
INSERT INTO old_signing_keys (generation, kid, public_key, private_key, created_at, retired_at)
SELECT generation, kid, public_key, private_key, created_at, retired_at FROM signing_keys WHERE algorithm = 'EdDSA';
DROP TABLE signing_keys;
ALTER TABLE old_signing_keys RENAME TO signing_keys;
CREATE UNIQUE INDEX signing_keys_kid_key ON signing_keys (kid);
