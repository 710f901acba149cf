-- NULL: the session was last used from the address of the sign-in. The index serves to count the sessions and the
-- tokens of an account separately.
ALTER TABLE sessions ADD COLUMN last_address VARCHAR(45) NULL CHECK (length(last_address) <= 45);
CREATE INDEX sessions_user_id_kind_index ON sessions (user_id, kind);
DROP INDEX sessions_user_id_index;
