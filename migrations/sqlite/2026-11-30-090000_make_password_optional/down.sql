DROP INDEX users_external_id_key;
ALTER TABLE users DROP COLUMN external_id;
-- No password matches an empty hash.
ALTER TABLE users ADD COLUMN required_password_hash VARCHAR(255) NOT NULL DEFAULT ''
    CHECK (length(required_password_hash) <= 255);
UPDATE users SET required_password_hash = coalesce(password_hash, '');
ALTER TABLE users DROP COLUMN password_hash;
ALTER TABLE users RENAME COLUMN required_password_hash TO password_hash;
