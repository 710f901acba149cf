-- How the person proved who they are when the session began, as in the claim amr of RFC 8176: sms or pwd.
ALTER TABLE sessions ADD COLUMN amr VARCHAR(16) NULL CHECK (length(amr) <= 16);
