ALTER TABLE sessions
    DROP COLUMN last_address,
    ADD KEY sessions_user_id_index (user_id),
    DROP KEY sessions_user_id_kind_index;
