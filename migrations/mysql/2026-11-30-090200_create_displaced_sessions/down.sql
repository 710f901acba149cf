DROP TABLE displaced_sessions;
