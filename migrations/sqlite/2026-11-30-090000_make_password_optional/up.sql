-- NULL: the account has no password, and is signed in to by text message. The column takes the place of
-- the old one, since building the table anew would delete the sessions that refer to it.
ALTER TABLE users ADD COLUMN optional_password_hash VARCHAR(255) NULL
    CHECK (length(optional_password_hash) <= 255);
UPDATE users SET optional_password_hash = password_hash;
ALTER TABLE users DROP COLUMN password_hash;
ALTER TABLE users RENAME COLUMN optional_password_hash TO password_hash;
ALTER TABLE users ADD COLUMN external_id VARCHAR(128) NULL CHECK (length(external_id) BETWEEN 1 AND 128);
CREATE UNIQUE INDEX users_external_id_key ON users (external_id);
