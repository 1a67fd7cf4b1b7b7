-- Readings, a row for each moment of a device (decision 38), on TimescaleDB 2.20 or newer: a hypertable of an hour a
-- chunk. Hours are compressed after a day, and rolled up into days by that; readings that come later are taken all the
-- same. Kept for 400 days; hourly figures three years, daily ones ten.

CREATE EXTENSION IF NOT EXISTS timescaledb;

-- The widest columns first: what is empty then leaves no gap before the next.
CREATE TABLE moments (
    time             timestamptz NOT NULL,     -- the device's clock; one that cannot be right: suspect_readings
    lat              double precision,
    lon              double precision,
    device           integer NOT NULL,         -- device_numbers
    lag_ms           integer,                  -- received so much later; null: within two seconds
    heart_rate       real,
    spo2             real,
    body_temperature real,
    systolic_bp      real,
    diastolic_bp     real,
    respiratory_rate real,
    blood_glucose    real,
    body_weight      real,
    steps            real,
    battery          real,
    signal           real,
    worn             real,
    motion           real,
    door             real,
    extra            jsonb,                    -- name -> what has no column, see decision 38
    texts            jsonb                     -- name -> text -> its unit
);
SELECT create_hypertable(
    'moments', by_range('time', INTERVAL '1 hour'), create_default_indexes => false, if_not_exists => true
);
CREATE UNIQUE INDEX moments_once ON moments (device, time);
ALTER TABLE moments SET (
    timescaledb.enable_columnstore,
    timescaledb.segmentby = 'device',
    timescaledb.orderby = 'time',
    timescaledb.compress_chunk_time_interval = '24 hours'
);
CALL add_columnstore_policy('moments', after => INTERVAL '1 day', if_not_exists => true);
SELECT add_retention_policy('moments', INTERVAL '400 days', if_not_exists => true);

-- Of each vital: how many, their average, the lowest, the highest; null where there are none.
DO $$
DECLARE
    of_moments text;
    of_hours text;
BEGIN
    SELECT string_agg(format(
        'nullif(count(%1$I), 0)::int AS %1$s_n, avg(%1$I)::real AS %1$s_avg, min(%1$I)::real AS %1$s_min,'
        ' max(%1$I)::real AS %1$s_max', name), ', ') INTO of_moments FROM vital_columns;
    SELECT string_agg(format(
        'sum(%1$s_n)::int AS %1$s_n, (sum(%1$s_n * %1$s_avg) / sum(%1$s_n))::real AS %1$s_avg,'
        ' min(%1$s_min) AS %1$s_min, max(%1$s_max) AS %1$s_max', name), ', ') INTO of_hours FROM vital_columns;
    EXECUTE 'CREATE MATERIALIZED VIEW moments_hourly'
        ' WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS'
        ' SELECT device, time_bucket(''1 hour'', time) AS hour, ' || of_moments
        || ' FROM moments GROUP BY device, time_bucket(''1 hour'', time) WITH NO DATA';
    EXECUTE 'CREATE MATERIALIZED VIEW moments_daily'
        ' WITH (timescaledb.continuous, timescaledb.materialized_only = false) AS'
        ' SELECT device, time_bucket(''1 day'', hour, ''Asia/Shanghai'') AS day, '
        || of_hours || ' FROM moments_hourly GROUP BY device, time_bucket(''1 day'', hour, ''Asia/Shanghai'')'
        ' WITH NO DATA';
END $$;

-- Refreshed further back than devices keep readings (72 hours), compressed behind that.
SELECT set_chunk_time_interval('moments_hourly', INTERVAL '7 days');
SELECT add_continuous_aggregate_policy(
    'moments_hourly', start_offset => INTERVAL '4 days', end_offset => INTERVAL '1 hour',
    schedule_interval => INTERVAL '30 minutes', if_not_exists => true
);
ALTER MATERIALIZED VIEW moments_hourly SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device', timescaledb.orderby = 'hour'
);
CALL add_columnstore_policy('moments_hourly', after => INTERVAL '8 days', if_not_exists => true);
SELECT add_retention_policy('moments_hourly', INTERVAL '3 years', if_not_exists => true);

SELECT set_chunk_time_interval('moments_daily', INTERVAL '90 days');
SELECT add_continuous_aggregate_policy(
    'moments_daily', start_offset => INTERVAL '6 days', end_offset => INTERVAL '1 day',
    schedule_interval => INTERVAL '6 hours', if_not_exists => true
);
ALTER MATERIALIZED VIEW moments_daily SET (
    timescaledb.enable_columnstore, timescaledb.segmentby = 'device', timescaledb.orderby = 'day'
);
CALL add_columnstore_policy('moments_daily', after => INTERVAL '30 days', if_not_exists => true);
SELECT add_retention_policy('moments_daily', INTERVAL '10 years', if_not_exists => true);

-- Suspect readings are no hypertable, because their times may be any; they go by when they were received.
CREATE PROCEDURE drop_old_suspect_readings(job_id integer, config jsonb) LANGUAGE sql AS $$
    DELETE FROM suspect_readings WHERE received_at < clock_timestamp() - INTERVAL '400 days'
$$;
SELECT add_job('drop_old_suspect_readings', INTERVAL '1 day');

-- What plain PostgreSQL needs to keep its figures: here the continuous aggregates do that.
CREATE FUNCTION touch_hours(devices integer[], hours timestamptz[]) RETURNS void LANGUAGE sql AS 'SELECT';
CREATE FUNCTION roll_up(quiet interval, most integer) RETURNS integer LANGUAGE sql AS 'SELECT 0';
