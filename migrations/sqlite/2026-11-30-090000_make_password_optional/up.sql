-- NULL: the account has no password, and its owner signs in by SMS code. The new column replaces the old one, because
-- recreating the table would delete the sessions that refer to it.
ALTER TABLE users ADD COLUMN optional_password_hash VARCHAR(255) NULL
    CHECK (length(optional_password_hash) <= 255);
UPDATE users SET optional_password_hash = password_hash;
ALTER TABLE users DROP COLUMN password_hash;
ALTER TABLE users RENAME COLUMN optional_password_hash TO password_hash;
ALTER TABLE users ADD COLUMN external_id VARCHAR(128) NULL CHECK (length(external_id) BETWEEN 1 AND 128);
CREATE UNIQUE INDEX users_external_id_key ON users (external_id);
