-- The keys that sign JWTs. The private half is encrypted with a key that is derived from SECRET_KEY. If several
-- instances create the next generation at once, one succeeds.
CREATE TABLE signing_keys (
    generation INT NOT NULL PRIMARY KEY,
    kid VARCHAR(43) NOT NULL CHECK (length(kid) <= 43),
    public_key VARCHAR(43) NOT NULL CHECK (length(public_key) <= 43),
    private_key VARCHAR(128) NOT NULL CHECK (length(private_key) <= 128),
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP NULL
);
CREATE UNIQUE INDEX signing_keys_kid_key ON signing_keys (kid);
