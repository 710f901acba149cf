-- Refused requests for codes to a number, and codes that were entered. There is one row per kind of event, so that
-- repeated requests take no more space. Rows are deleted after a day.
CREATE TABLE sms_events (
    mobile VARCHAR(20) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    event VARCHAR(32) NOT NULL,
    address VARCHAR(45) NOT NULL,
    times INTEGER NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (mobile, purpose, event)
);
CREATE INDEX sms_events_last_at_index ON sms_events (last_at);
