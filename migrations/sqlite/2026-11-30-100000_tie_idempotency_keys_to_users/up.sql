-- A response that names an account is deleted with the account; a repeated request is then a new one.
ALTER TABLE idempotency_keys ADD COLUMN user_id BIGINT NULL REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX idempotency_keys_user_id_index ON idempotency_keys (user_id);
