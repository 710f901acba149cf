-- No password matches an empty hash.
UPDATE users SET password_hash = '' WHERE password_hash IS NULL;
ALTER TABLE users
    DROP KEY users_external_id_key,
    DROP COLUMN external_id,
    MODIFY password_hash VARCHAR(255) NOT NULL;
