CREATE INDEX sessions_user_id_index ON sessions (user_id);
DROP INDEX sessions_user_id_kind_index;
ALTER TABLE sessions DROP COLUMN last_address;
