-- Readings of devices, on PostgreSQL without TimescaleDB. The same names as in the other variant, whose readers
-- need not know.

CREATE TABLE readings (
    device_id    text NOT NULL,
    name         text NOT NULL,
    unit         text,                     -- as sent
    measured_at  timestamptz NOT NULL,     -- the device's clock, as told
    received_at  timestamptz NOT NULL,     -- the gateway's clock
    value        double precision,         -- numbers, and booleans as 1 and 0
    time_suspect boolean NOT NULL,         -- measured_at cannot be right: order by received_at
    text_value   text NOT NULL DEFAULT ''  -- words and data; '': none
);
-- A number told twice for one moment is one reading; two rooms named by one sensor in one second are two.
CREATE UNIQUE INDEX readings_once ON readings (device_id, name, measured_at, text_value);
CREATE INDEX readings_suspect ON readings (device_id, name, received_at) WHERE time_suspect;
ALTER TABLE readings SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE VIEW readings_hourly AS
    SELECT device_id, name, date_trunc('hour', measured_at) AS hour,
           count(*) AS n, avg(value) AS avg_value, min(value) AS min_value, max(value) AS max_value
      FROM readings WHERE value IS NOT NULL
     GROUP BY device_id, name, date_trunc('hour', measured_at);

CREATE VIEW readings_daily AS
    SELECT device_id, name, date_trunc('day', measured_at, 'Asia/Shanghai') AS day,
           count(*) AS n, avg(value) AS avg_value, min(value) AS min_value, max(value) AS max_value
      FROM readings WHERE value IS NOT NULL
     GROUP BY device_id, name, date_trunc('day', measured_at, 'Asia/Shanghai');
