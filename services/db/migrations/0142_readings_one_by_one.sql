-- Readings one by one: what is in `moments` and beside it, under the names of the layout before.

-- The table of before. Its rows are moved while all runs (`yian move-readings`), and then it goes; until then what a
-- writer of the release before puts into `readings` is put there.
DO $$
BEGIN
    FOR each_name IN 1..2 LOOP
        BEGIN
            EXECUTE 'DROP VIEW ' || (ARRAY['readings_daily', 'readings_hourly'])[each_name];
        EXCEPTION WHEN OTHERS THEN  -- a continuous aggregate
            EXECUTE 'DROP MATERIALIZED VIEW ' || (ARRAY['readings_daily', 'readings_hourly'])[each_name];
        END;
    END LOOP;
    IF EXISTS (SELECT FROM readings) THEN
        ALTER TABLE readings RENAME TO readings_of_before;
    ELSE
        DROP TABLE readings;
    END IF;
END $$;

-- For people and programs that ask seldom; the pages read the tables.
DO $view$
DECLARE
    cells text;
BEGIN
    SELECT string_agg(format('(%L, m.%I::text, %L)', name, name, unit), ', ') INTO cells FROM vital_columns;
    EXECUTE $$
CREATE VIEW readings AS
    SELECT d.device_id, r.name, r.unit, m.time AS measured_at,
           m.time + coalesce(m.lag_ms, 0) * INTERVAL '1 millisecond' AS received_at,
           r.value, false AS time_suspect, r.text_value, r.sent_value, r.sent_unit, r.mark
      FROM moments AS m JOIN device_numbers AS d USING (device) CROSS JOIN LATERAL (
        SELECT v.name, coalesce(beside ->> 'unit', CASE WHEN v.value IS NOT NULL THEN v.unit END) AS unit,
               coalesce(beside ->> 'value', v.value)::double precision AS value, '' AS text_value,
               (beside ->> 'sent_value')::double precision AS sent_value, beside ->> 'sent_unit' AS sent_unit,
               beside ->> 'mark' AS mark
          FROM (VALUES $$ || cells || $$) AS v (name, value, unit)
          CROSS JOIN LATERAL (SELECT m.extra -> v.name) AS o (beside)
         WHERE v.value IS NOT NULL OR beside IS NOT NULL
        UNION ALL
        SELECT name, beside ->> 'unit', (beside ->> 'value')::double precision, '',
               (beside ->> 'sent_value')::double precision, beside ->> 'sent_unit', beside ->> 'mark'
          FROM jsonb_each(m.extra) AS e (name, beside)
         WHERE name NOT IN (SELECT v.name FROM vital_columns AS v)
        UNION ALL
        SELECT name, unit, NULL, text_value, NULL, NULL, NULL
          FROM jsonb_each(m.texts) AS t (name, said) CROSS JOIN LATERAL jsonb_each_text(said) AS s (text_value, unit)
      ) AS r
    UNION ALL
    SELECT d.device_id, name, unit, measured_at, received_at, value, true, text_value, sent_value, sent_unit, mark
      FROM suspect_readings JOIN device_numbers AS d USING (device)
    $$;
END $view$;

DO $$
BEGIN
    IF to_regclass('readings_of_before') IS NOT NULL THEN
        CREATE FUNCTION put_into_readings_of_before() RETURNS trigger LANGUAGE plpgsql AS $put$
        BEGIN
            INSERT INTO readings_of_before (device_id, name, unit, measured_at, received_at, value, time_suspect,
                                            text_value, sent_value, sent_unit, mark)
            VALUES (NEW.device_id, NEW.name, NEW.unit, NEW.measured_at, NEW.received_at, NEW.value, NEW.time_suspect,
                    coalesce(NEW.text_value, ''), NEW.sent_value, NEW.sent_unit, NEW.mark)
            ON CONFLICT DO NOTHING;
            RETURN NEW;
        END $put$;
        CREATE TRIGGER into_readings_of_before INSTEAD OF INSERT ON readings
            FOR EACH ROW EXECUTE FUNCTION put_into_readings_of_before();
    END IF;
END $$;

-- Hourly and daily figures under the names they always had. Names that have no column are not among them.
DO $view$
DECLARE
    cells text;
BEGIN
    SELECT string_agg(format('(%1$L, m.%1$s_n, m.%1$s_avg, m.%1$s_min, m.%1$s_max)', name), ', ') INTO cells
      FROM vital_columns;
    EXECUTE $$
CREATE VIEW readings_hourly AS
    SELECT d.device_id, f.name, f.since AS hour, sum(f.n)::bigint AS n, sum(f.n * f.avg_value) / sum(f.n) AS avg_value,
           min(f.min_value) AS min_value, max(f.max_value) AS max_value
      FROM (
        SELECT m.device, v.name, m.hour, v.n, v.average::float8, v.lowest::float8, v.highest::float8
          FROM moments_hourly AS m
          CROSS JOIN LATERAL (VALUES $$ || cells || $$) AS v (name, n, average, lowest, highest)
         WHERE v.n IS NOT NULL
        UNION ALL
        SELECT device, name, date_trunc('hour', measured_at), count(*), avg(value), min(value), max(value)
          FROM suspect_readings WHERE value IS NOT NULL GROUP BY 1, 2, 3
      ) AS f (device, name, since, n, avg_value, min_value, max_value)
      JOIN device_numbers AS d USING (device)
     GROUP BY d.device_id, f.name, f.since
    $$;
    EXECUTE $$
CREATE VIEW readings_daily AS
    SELECT d.device_id, f.name, f.since AS day, sum(f.n)::bigint AS n, sum(f.n * f.avg_value) / sum(f.n) AS avg_value,
           min(f.min_value) AS min_value, max(f.max_value) AS max_value
      FROM (
        SELECT m.device, v.name, m.day, v.n, v.average::float8, v.lowest::float8, v.highest::float8
          FROM moments_daily AS m
          CROSS JOIN LATERAL (VALUES $$ || cells || $$) AS v (name, n, average, lowest, highest)
         WHERE v.n IS NOT NULL
        UNION ALL
        SELECT device, name, date_trunc('day', measured_at, 'Asia/Shanghai'), count(*), avg(value), min(value),
               max(value)
          FROM suspect_readings WHERE value IS NOT NULL GROUP BY 1, 2, 3
      ) AS f (device, name, since, n, avg_value, min_value, max_value)
      JOIN device_numbers AS d USING (device)
     GROUP BY d.device_id, f.name, f.since
    $$;
END $view$;
