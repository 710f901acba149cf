ALTER TABLE users DROP COLUMN password_failures, DROP COLUMN code_failures;
