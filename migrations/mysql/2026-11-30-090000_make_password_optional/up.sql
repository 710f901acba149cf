-- NULL: the account has no password, and its owner signs in by SMS code.
ALTER TABLE users
    MODIFY password_hash VARCHAR(255) NULL,
    ADD COLUMN external_id VARCHAR(128) NULL,
    ADD UNIQUE KEY users_external_id_key (external_id);
