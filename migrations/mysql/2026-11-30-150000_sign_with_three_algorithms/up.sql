-- Keys of EdDSA, ES256 and RS256. public_key is the point, both coordinates or the modulus; private_key is the seed or
-- PKCS#8, encrypted. The default is for instances of the version before, which know EdDSA only.
ALTER TABLE signing_keys
    ADD COLUMN algorithm VARCHAR(8) NOT NULL DEFAULT 'EdDSA' AFTER generation,
    MODIFY public_key VARCHAR(512) NOT NULL,
    MODIFY private_key VARCHAR(2048) NOT NULL;
