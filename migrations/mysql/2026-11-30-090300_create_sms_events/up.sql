-- Refused requests for codes to a number, and codes that were entered. There is one row per kind of event, so that
-- repeated requests take no more space. Rows are deleted after a day.
CREATE TABLE sms_events (
    mobile VARCHAR(20) NOT NULL,
    purpose VARCHAR(16) NOT NULL,
    event VARCHAR(32) NOT NULL,
    address VARCHAR(45) NOT NULL,
    times INT NOT NULL,
    first_at DATETIME(6) NOT NULL,
    last_at DATETIME(6) NOT NULL,
    PRIMARY KEY (mobile, purpose, event),
    KEY sms_events_last_at_index (last_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE =
    /*M!100200 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */;
