-- A response that names an account is deleted with the account; a repeated request is then a new one.
ALTER TABLE idempotency_keys
    ADD COLUMN user_id BIGINT NULL,
    ADD KEY idempotency_keys_user_id_index (user_id),
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
