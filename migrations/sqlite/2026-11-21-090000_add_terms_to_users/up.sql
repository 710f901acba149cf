ALTER TABLE users ADD COLUMN terms_version VARCHAR(32) NULL CHECK (length(terms_version) <= 32);
ALTER TABLE users ADD COLUMN terms_accepted_at TIMESTAMP NULL;
