-- Readings, a row for each moment of a device (decision 38), on PostgreSQL without TimescaleDB. The same names as in
-- the other variant, whose readers need not know.

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
CREATE UNIQUE INDEX moments_once ON moments (device, time);
ALTER TABLE moments SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

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
    EXECUTE 'CREATE VIEW moments_hourly AS SELECT device, date_trunc(''hour'', time) AS hour, ' || of_moments
        || ' FROM moments GROUP BY device, date_trunc(''hour'', time)';
    EXECUTE 'CREATE VIEW moments_daily AS SELECT device, date_trunc(''day'', hour, ''Asia/Shanghai'') AS day, '
        || of_hours || ' FROM moments_hourly GROUP BY device, date_trunc(''day'', hour, ''Asia/Shanghai'')';
END $$;
