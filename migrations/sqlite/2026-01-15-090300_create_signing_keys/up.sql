-- The keys that sign JWTs. The private half is encrypted under a key made of SECRET_KEY; of many who make
-- the next generation at once, one succeeds.
CREATE TABLE signing_keys (
    generation INT NOT NULL PRIMARY KEY,
    kid VARCHAR(43) NOT NULL CHECK (length(kid) <= 43),
    public_key VARCHAR(43) NOT NULL CHECK (length(public_key) <= 43),
    private_key VARCHAR(128) NOT NULL CHECK (length(private_key) <= 128),
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP NULL
);
CREATE UNIQUE INDEX signing_keys_kid_key ON signing_keys (kid);
