-- What happened to a number besides messages: refusals, and codes that were typed in. A row a kind, so that
-- asking again and again takes no more room; kept for a day.
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
