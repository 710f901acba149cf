DROP TABLE sms_events;
