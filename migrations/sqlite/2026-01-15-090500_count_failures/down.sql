ALTER TABLE users DROP COLUMN password_failures;
ALTER TABLE users DROP COLUMN code_failures;
