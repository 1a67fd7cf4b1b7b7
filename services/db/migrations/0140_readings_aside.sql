-- What stands beside `moments` (decision 38), the table of readings that follows.

-- The columns of `moments` that are vitals, and what they are measured in (services/telemetry/catalogue.py).
CREATE VIEW vital_columns (name, unit) AS VALUES
    ('heart_rate', '/min'), ('spo2', '%'), ('body_temperature', 'Cel'), ('systolic_bp', 'mm[Hg]'),
    ('diastolic_bp', 'mm[Hg]'), ('respiratory_rate', '/min'), ('blood_glucose', 'mmol/L'), ('body_weight', 'kg'),
    ('steps', '{steps}'), ('battery', '%'), ('signal', 'dB[mW]'), ('lat', 'deg'), ('lon', 'deg'), ('worn', NULL),
    ('motion', NULL), ('door', NULL);

CREATE TABLE device_numbers (
    device_id text PRIMARY KEY,
    device    integer GENERATED ALWAYS AS IDENTITY UNIQUE
);

-- Readings of clocks that cannot be right (decision 8): at most a few, at any time, so no place for them in chunks of
-- hours, nor in what is dropped by age.
CREATE TABLE suspect_readings (
    device      integer NOT NULL,
    name        text NOT NULL,
    unit        text,
    measured_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,      -- by this one they are ordered
    value       double precision,
    text_value  text NOT NULL DEFAULT '',
    sent_value  double precision,
    sent_unit   text,
    mark        text
);
CREATE UNIQUE INDEX suspect_readings_once ON suspect_readings (device, name, measured_at, text_value);
CREATE INDEX suspect_readings_received ON suspect_readings (device, name, received_at);
CREATE INDEX suspect_readings_measured ON suspect_readings (measured_at);

-- Where to look for the latest of each vital: it is of this time, or up to an hour later.
CREATE TABLE vitals_heard (
    device           integer NOT NULL,
    marked           boolean NOT NULL,      -- of marked readings, of all others
    heart_rate       timestamptz,
    spo2             timestamptz,
    body_temperature timestamptz,
    systolic_bp      timestamptz,
    diastolic_bp     timestamptz,
    respiratory_rate timestamptz,
    blood_glucose    timestamptz,
    body_weight      timestamptz,
    steps            timestamptz,
    battery          timestamptz,
    signal           timestamptz,
    worn             timestamptz,
    motion           timestamptz,
    door             timestamptz,
    lat              timestamptz,
    lon              timestamptz,
    PRIMARY KEY (device, marked)
) WITH (fillfactor = 70);

-- The texts of two packs of one moment together; of a text in both, the unit that was first.
CREATE FUNCTION moment_texts(first jsonb, later jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(name, coalesce(l.said, '{}') || coalesce(f.said, '{}'))
      FROM jsonb_each(first) AS f (name, said) FULL JOIN jsonb_each(later) AS l (name, said) USING (name)
$$;
