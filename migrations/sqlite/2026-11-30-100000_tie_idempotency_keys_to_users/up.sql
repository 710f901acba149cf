-- An answer that names an account goes with the account: a request that is repeated afterwards is a new one.
ALTER TABLE idempotency_keys ADD COLUMN user_id BIGINT NULL REFERENCES users (id) ON DELETE CASCADE;
CREATE INDEX idempotency_keys_user_id_index ON idempotency_keys (user_id);
