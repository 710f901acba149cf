ALTER TABLE idempotency_keys
    DROP FOREIGN KEY idempotency_keys_user_id_fkey,
    DROP KEY idempotency_keys_user_id_index,
    DROP COLUMN user_id;
