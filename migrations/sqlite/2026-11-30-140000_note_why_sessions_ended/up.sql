-- Why the session ended: displaced by newer ones, or ended by its owner on another device.
ALTER TABLE displaced_sessions
    ADD COLUMN reason VARCHAR(16) NOT NULL DEFAULT 'displaced' CHECK (length(reason) <= 16);
