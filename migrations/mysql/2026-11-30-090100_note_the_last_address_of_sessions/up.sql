-- NULL: the session was last used from the address of the sign-in. The index serves to count the sessions and the
-- tokens of an account separately.
ALTER TABLE sessions
    ADD COLUMN last_address VARCHAR(45) NULL,
    ADD KEY sessions_user_id_kind_index (user_id, kind),
    DROP KEY sessions_user_id_index;
