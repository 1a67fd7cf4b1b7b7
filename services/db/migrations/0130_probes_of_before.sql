-- The table of before 0128: no process writes or reads it any more.
DROP TABLE alarm_path_probes;

-- 0001 had the same index already (sessions_expiry).
DROP INDEX sessions_expires_at;
