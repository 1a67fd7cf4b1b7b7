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

-- Figures of hours and days. Those that had something written in them lately are made when they are asked for; an hour
-- later they are kept (`roll_up`). A writer says what it wrote in (`touch_hours`), at least every half hour, so a late
-- reading costs its own hour and day, and nothing else.
CREATE TABLE hours_touched (
    device     integer NOT NULL,
    hour       timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (device, hour)
);
CREATE TABLE days_touched (
    device     integer NOT NULL,
    day        timestamptz NOT NULL,
    touched_at timestamptz NOT NULL,
    PRIMARY KEY (device, day)
);

-- Locks what is there already: `roll_up` then waits until what was written is committed.
CREATE FUNCTION touch_hours(devices integer[], hours timestamptz[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hours_touched
    SELECT device, hour, clock_timestamp() FROM unnest(devices, hours) AS t (device, hour)
     GROUP BY device, hour ORDER BY device, hour ON CONFLICT (device, hour) DO UPDATE SET touched_at = excluded.touched_at;
    INSERT INTO days_touched
    SELECT device, date_trunc('day', hour, 'Asia/Shanghai') AS day, clock_timestamp()
      FROM unnest(devices, hours) AS t (device, hour)
     GROUP BY device, day ORDER BY device, day ON CONFLICT (device, day) DO UPDATE SET touched_at = excluded.touched_at;
$$;

-- Of each vital: how many, their average, the lowest, the highest; null where there are none.
DO $do$
DECLARE
    of_an_hour text;
    of_a_day text;
    columns text;
    newer text;
BEGIN
    SELECT string_agg(format(
        'nullif(count(%1$I), 0)::int AS %1$s_n, avg(%1$I)::real AS %1$s_avg, min(%1$I)::real AS %1$s_min,'
        ' max(%1$I)::real AS %1$s_max', name), ', ') INTO of_an_hour FROM vital_columns;
    SELECT string_agg(format(
        'sum(%1$s_n)::int AS %1$s_n, (sum(%1$s_n * %1$s_avg) / sum(%1$s_n))::real AS %1$s_avg,'
        ' min(%1$s_min) AS %1$s_min, max(%1$s_max) AS %1$s_max', name), ', ') INTO of_a_day FROM vital_columns;
    of_an_hour := 'SELECT ' || of_an_hour || ' FROM moments AS m WHERE m.device = t.device AND m.time >= t.hour'
        ' AND m.time < t.hour + interval ''1 hour'' HAVING count(*) > 0';
    of_a_day := 'SELECT ' || of_a_day || ' FROM moments_hourly AS h WHERE h.device = t.device AND h.hour >= t.day'
        ' AND h.hour < t.day + interval ''1 day'' HAVING count(*) > 0';
    SELECT string_agg(format('%1$s_n int, %1$s_avg real, %1$s_min real, %1$s_max real', name), ', '),
           string_agg(format('%1$s_n = excluded.%1$s_n, %1$s_avg = excluded.%1$s_avg, %1$s_min = excluded.%1$s_min,'
               ' %1$s_max = excluded.%1$s_max', name), ', ') INTO columns, newer FROM vital_columns;
    EXECUTE 'CREATE TABLE hours_kept (device integer, hour timestamptz, ' || columns || ', PRIMARY KEY (device, hour))';
    EXECUTE 'CREATE TABLE days_kept (device integer, day timestamptz, ' || columns || ', PRIMARY KEY (device, day))';
    EXECUTE 'CREATE VIEW moments_hourly AS
        SELECT * FROM hours_kept AS k WHERE NOT EXISTS (
            SELECT FROM hours_touched AS t WHERE t.device = k.device AND t.hour = k.hour)
        UNION ALL
        SELECT t.device, t.hour, f.* FROM hours_touched AS t CROSS JOIN LATERAL (' || of_an_hour || ') AS f';
    EXECUTE 'CREATE VIEW moments_daily AS
        SELECT * FROM days_kept AS k WHERE NOT EXISTS (
            SELECT FROM days_touched AS t WHERE t.device = k.device AND t.day = k.day)
        UNION ALL
        SELECT t.device, t.day, f.* FROM days_touched AS t CROSS JOIN LATERAL (' || of_a_day || ') AS f';
    -- Statement by statement: each sees what the others wait for. How many hours and days were kept.
    EXECUTE 'CREATE FUNCTION roll_up(quiet interval, most integer) RETURNS integer LANGUAGE plpgsql AS $f$
        DECLARE devices integer[]; times timestamptz[]; kept integer;
        BEGIN
            WITH gone AS (DELETE FROM hours_touched AS t USING (
                SELECT device, hour FROM hours_touched WHERE touched_at <= clock_timestamp() - quiet
                 LIMIT most FOR UPDATE SKIP LOCKED) AS o WHERE t.device = o.device AND t.hour = o.hour
                RETURNING t.device, t.hour)
            SELECT array_agg(device), array_agg(hour) INTO devices, times FROM gone;
            INSERT INTO hours_kept SELECT t.device, t.hour, f.* FROM unnest(devices, times) AS t (device, hour)
             CROSS JOIN LATERAL (' || of_an_hour || ') AS f ORDER BY t.device, t.hour
                ON CONFLICT (device, hour) DO UPDATE SET ' || newer || ';
            kept := coalesce(cardinality(times), 0);
            WITH gone AS (DELETE FROM days_touched AS t USING (
                SELECT device, day FROM days_touched WHERE touched_at <= clock_timestamp() - quiet
                 LIMIT most FOR UPDATE SKIP LOCKED) AS o WHERE t.device = o.device AND t.day = o.day
                RETURNING t.device, t.day)
            SELECT array_agg(device), array_agg(day) INTO devices, times FROM gone;
            INSERT INTO days_kept SELECT t.device, t.day, f.* FROM unnest(devices, times) AS t (device, day)
             CROSS JOIN LATERAL (' || of_a_day || ') AS f ORDER BY t.device, t.day
                ON CONFLICT (device, day) DO UPDATE SET ' || newer || ';
            RETURN kept + coalesce(cardinality(times), 0);
        END $f$';
END $do$;
