-- Readings of devices, on TimescaleDB 2.20 or newer: a hypertable of one day a chunk, compressed after four days
-- (devices may send readings 72 hours old), kept for 400 days; what is older lives on in the daily figures.

CREATE EXTENSION IF NOT EXISTS timescaledb;

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
SELECT create_hypertable(
    'readings', by_range('measured_at', INTERVAL '1 day'), create_default_indexes => false, if_not_exists => true
);
-- A number told twice for one moment is one reading; two rooms named by one sensor in one second are two.
CREATE UNIQUE INDEX readings_once ON readings (device_id, name, measured_at, text_value);
CREATE INDEX readings_suspect ON readings (device_id, name, received_at) WHERE time_suspect;

-- Every column of the unique index segments or orders, so that a late reading finds its rivals among compressed ones.
ALTER TABLE readings SET (
    timescaledb.enable_columnstore,
    timescaledb.segmentby = 'device_id, name',
    timescaledb.orderby = 'measured_at DESC, text_value'
);
CALL add_columnstore_policy('readings', after => INTERVAL '4 days', if_not_exists => true);
SELECT add_retention_policy('readings', INTERVAL '400 days', if_not_exists => true);

CREATE MATERIALIZED VIEW readings_hourly
    WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, name, time_bucket('1 hour', measured_at) AS hour,
           count(*) AS n, avg(value) AS avg_value, min(value) AS min_value, max(value) AS max_value
      FROM readings WHERE value IS NOT NULL
     GROUP BY device_id, name, time_bucket('1 hour', measured_at)
    WITH NO DATA;
SELECT add_continuous_aggregate_policy(
    'readings_hourly', start_offset => INTERVAL '4 days', end_offset => INTERVAL '1 hour',
    schedule_interval => INTERVAL '30 minutes', if_not_exists => true
);
SELECT add_retention_policy('readings_hourly', INTERVAL '3 years', if_not_exists => true);

CREATE MATERIALIZED VIEW readings_daily
    WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS
    SELECT device_id, name, time_bucket('1 day', measured_at, 'Asia/Shanghai') AS day,
           count(*) AS n, avg(value) AS avg_value, min(value) AS min_value, max(value) AS max_value
      FROM readings WHERE value IS NOT NULL
     GROUP BY device_id, name, time_bucket('1 day', measured_at, 'Asia/Shanghai')
    WITH NO DATA;
SELECT add_continuous_aggregate_policy(
    'readings_daily', start_offset => INTERVAL '5 days', end_offset => INTERVAL '1 day',
    schedule_interval => INTERVAL '6 hours', if_not_exists => true
);
