-- NULL: that of the sign-in. The index counts sessions and tokens of an account apart.
ALTER TABLE sessions
    ADD COLUMN last_address VARCHAR(45) NULL,
    ADD KEY sessions_user_id_kind_index (user_id, kind),
    DROP KEY sessions_user_id_index;
