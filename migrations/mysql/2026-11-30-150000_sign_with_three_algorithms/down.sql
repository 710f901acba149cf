DELETE FROM signing_keys WHERE algorithm <> 'EdDSA';
ALTER TABLE signing_keys
    DROP COLUMN algorithm,
    MODIFY public_key VARCHAR(43) NOT NULL,
    MODIFY private_key VARCHAR(128) NOT NULL;
