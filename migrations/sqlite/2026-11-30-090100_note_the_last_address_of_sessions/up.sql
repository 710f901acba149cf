-- NULL: that of the sign-in. The index counts sessions and tokens of an account apart.
ALTER TABLE sessions ADD COLUMN last_address VARCHAR(45) NULL CHECK (length(last_address) <= 45);
CREATE INDEX sessions_user_id_kind_index ON sessions (user_id, kind);
DROP INDEX sessions_user_id_index;
