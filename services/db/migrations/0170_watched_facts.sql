-- What devices and operators' desks did, as facts like those of cases and visits (decision 43): each press as often as it
-- was heard, devices by the day, batteries that were low, and who was on shift when alarms came.

CREATE TABLE press_facts (
    batch        bigint NOT NULL,
    event_id     text NOT NULL,          -- on the bus: the device and the id that it gave
    press_id     uuid NOT NULL,          -- of this device, id, type and time: a repeat is the same press
    happened_at  timestamptz NOT NULL,   -- by the device's clock where it can be right
    received_at  timestamptz NOT NULL,   -- this time: each hearing is a fact
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    device_id    text NOT NULL,
    kind         text NOT NULL,          -- of several the most urgent
    worklist     boolean NOT NULL,
    low_battery  boolean NOT NULL,       -- one of the alarms of that moment
    clock_right  boolean NOT NULL,       -- the device told its time, and it can be right
    device_model text NOT NULL,
    firmware     text NOT NULL,
    region_code  text                    -- null: the device was bound to nobody
);
CREATE UNIQUE INDEX press_facts_once ON press_facts (press_id, received_at, happened_at);

-- Of a day, a village and a model: those devices one by one of which something is missing, all others together.
CREATE TABLE device_facts (
    batch        bigint NOT NULL,
    event_id     text NOT NULL,          -- the look that says so
    row_id       uuid NOT NULL,
    look         text NOT NULL,          -- heard: in how many hours; measured: how many readings
    state        text NOT NULL,          -- counted; away: nobody is there to wear it; unseen: the platform did not look
    happened_at  timestamptz NOT NULL,   -- when the day began
    received_at  timestamptz NOT NULL,   -- when that was looked at
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    day          date NOT NULL,
    region_code  text NOT NULL,
    device_model text NOT NULL,
    device_id    text NOT NULL,          -- '': several
    devices      integer NOT NULL,
    promised     bigint NOT NULL,        -- hours in service, or readings by the interval
    kept         bigint NOT NULL,
    silent_hours text NOT NULL           -- 0,1,2,13: of one device
);
CREATE UNIQUE INDEX device_facts_once ON device_facts (row_id, happened_at);

CREATE TABLE battery_facts (
    batch        bigint NOT NULL,
    event_id     text NOT NULL,          -- the event that told it, or the look that found it
    battery_id   uuid NOT NULL,          -- of this device and beginning
    version      integer NOT NULL,
    state        text NOT NULL,          -- low, then charged or replaced
    happened_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    low_since    timestamptz NOT NULL,
    device_id    text NOT NULL,
    device_model text NOT NULL,
    region_code  text NOT NULL
);
CREATE UNIQUE INDEX battery_facts_once ON battery_facts (battery_id, version, happened_at);

-- Ten minutes: that they were looked at, who was on shift, and the alarms that rang.
CREATE TABLE load_facts (
    batch        bigint NOT NULL,
    event_id     text NOT NULL,
    window_id    uuid NOT NULL,
    what         text NOT NULL,          -- looked, on_shift or rang
    subject_id   uuid NOT NULL,          -- the operator or the case
    happened_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    begins_at    timestamptz NOT NULL,   -- of the ten minutes
    region_code  text,                   -- of the alarm; of an operator what their regions have in common
    regions      text[] NOT NULL,        -- of an operator
    standing     integer NOT NULL        -- alarms in these regions that were not closed when the ten minutes ended
);
CREATE UNIQUE INDEX load_facts_once ON load_facts (window_id, what, subject_id, happened_at);

DO $$
DECLARE facts text;
BEGIN
    FOREACH facts IN ARRAY ARRAY['press_facts', 'device_facts', 'battery_facts', 'load_facts'] LOOP
        EXECUTE format('CREATE INDEX %1$s_batch ON %1$s USING brin (batch)', facts);
        EXECUTE format('CREATE TRIGGER %1$s_stay BEFORE UPDATE OR DELETE ON %1$s'
            ' FOR EACH STATEMENT EXECUTE FUNCTION facts_stay()', facts);
        EXECUTE format('ALTER TABLE %s SET (autovacuum_vacuum_insert_scale_factor = 0.05,'
            ' autovacuum_analyze_scale_factor = 0.05)', facts);
    END LOOP;
END $$;

-- What the facts come to.
CREATE TABLE counted_presses (
    id             uuid PRIMARY KEY,
    version        integer NOT NULL,     -- how often it was heard
    day            date NOT NULL,
    county         text NOT NULL,
    town           text NOT NULL,
    region_code    text NOT NULL,
    part           text NOT NULL,        -- the model
    model_firmware text NOT NULL,
    kind           text NOT NULL,
    worklist       boolean NOT NULL,
    heard          integer NOT NULL,
    lag_s          double precision      -- heard for the first time so long after it happened; null: nobody can tell
);
CREATE TABLE counted_devices (
    id          uuid PRIMARY KEY,
    version     integer NOT NULL,
    day         date NOT NULL,
    county      text NOT NULL,
    town        text NOT NULL,
    region_code text NOT NULL,
    part        text NOT NULL,           -- the model
    look        text NOT NULL,
    state       text NOT NULL,
    device_id   text NOT NULL,
    devices     integer NOT NULL,
    promised    bigint NOT NULL,
    kept        bigint NOT NULL
);
CREATE TABLE counted_batteries (
    id          uuid PRIMARY KEY,
    version     integer NOT NULL,
    day         date NOT NULL,           -- on which it was low for the first time
    county      text NOT NULL,
    town        text NOT NULL,
    region_code text NOT NULL,
    part        text NOT NULL,           -- the model
    device_id   text NOT NULL,
    state       text NOT NULL,
    low_s       double precision         -- null: it is low still
);
CREATE TABLE counted_windows (           -- a row for each operator on shift in ten minutes
    id          uuid PRIMARY KEY,
    window_id   uuid NOT NULL,
    version     integer NOT NULL,        -- alarms in the operator's regions
    day         date NOT NULL,
    county      text NOT NULL,
    town        text NOT NULL,
    region_code text NOT NULL,
    part        text NOT NULL,           -- the hour of the day
    state       text NOT NULL,           -- on_shift; nobody: alarms that nobody on shift could see
    begins_at   timestamptz NOT NULL,
    alarms      double precision NOT NULL,  -- each shared by those on shift who could see it
    standing    integer NOT NULL
);
CREATE INDEX counted_windows_of ON counted_windows (window_id);

DO $$
DECLARE counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['counted_presses', 'counted_devices', 'counted_batteries', 'counted_windows'] LOOP
        EXECUTE format('CREATE INDEX %1$s_bucket ON %1$s (day, county)', counted);
        EXECUTE format('CREATE INDEX %1$s_place ON %1$s (region_code text_pattern_ops, day)', counted);
    END LOOP;
END $$;

-- What the looks stand on until their facts are written.
CREATE TABLE device_looks (              -- an hour that was looked at, right after it
    hour      timestamptz PRIMARY KEY,
    looked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE silent_devices (            -- in service, and not heard in that hour
    hour      timestamptz NOT NULL,
    device_id text NOT NULL,
    PRIMARY KEY (hour, device_id)
);
CREATE TABLE device_days (               -- a day whose facts are written
    look text NOT NULL,
    day  date NOT NULL,
    PRIMARY KEY (look, day)
);
CREATE TABLE low_batteries (             -- low now
    device_id  text PRIMARY KEY,
    battery_id uuid NOT NULL,
    low_since  timestamptz NOT NULL,
    elder_id   uuid NOT NULL,
    region_code text NOT NULL
);
CREATE TABLE load_looks (                -- ten minutes that were looked at
    begins_at timestamptz PRIMARY KEY
);
