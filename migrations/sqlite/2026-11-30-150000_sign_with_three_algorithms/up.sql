-- Keys of EdDSA, ES256 and RS256. public_key is the point, both coordinates or the modulus; private_key is the seed or
-- PKCS#8, encrypted. The default is for instances of the version before, which know EdDSA only.
CREATE TABLE new_signing_keys (
    generation INT NOT NULL PRIMARY KEY,
    algorithm VARCHAR(8) NOT NULL DEFAULT 'EdDSA' CHECK (length(algorithm) <= 8),
    kid VARCHAR(43) NOT NULL CHECK (length(kid) <= 43),
    public_key VARCHAR(512) NOT NULL CHECK (length(public_key) <= 512),
    private_key VARCHAR(2048) NOT NULL CHECK (length(private_key) <= 2048),
    created_at TIMESTAMP NOT NULL,
    retired_at TIMESTAMP NULL
);
INSERT INTO new_signing_keys (generation, kid, public_key, private_key, created_at, retired_at)
SELECT generation, kid, public_key, private_key, created_at, retired_at FROM signing_keys;
DROP TABLE signing_keys;
ALTER TABLE new_signing_keys RENAME TO signing_keys;
CREATE UNIQUE INDEX signing_keys_kid_key ON signing_keys (kid);
