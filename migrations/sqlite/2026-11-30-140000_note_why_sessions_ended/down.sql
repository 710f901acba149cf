ALTER TABLE displaced_sessions DROP COLUMN reason;
