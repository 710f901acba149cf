-- Failures in a row, each kind for itself; whoever gets in ends both rows.
ALTER TABLE users
    ADD COLUMN password_failures INT NOT NULL DEFAULT 0,
    ADD COLUMN code_failures INT NOT NULL DEFAULT 0;
