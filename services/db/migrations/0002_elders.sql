-- The people, where they live, who is called for them, and the devices they carry.

CREATE TABLE regions (
    code        text PRIMARY KEY CHECK (code ~ '^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$'),  -- national statistical code
    name        text NOT NULL,
    level       text NOT NULL CHECK (level IN ('city', 'county', 'street', 'village')),
    parent_code text REFERENCES regions
);
CREATE INDEX regions_parent ON regions (parent_code, code);

CREATE TABLE elders (
    id                     uuid PRIMARY KEY,
    name                   text NOT NULL,
    sex                    text NOT NULL CHECK (sex IN ('female', 'male')),
    birth_date             date NOT NULL,
    identity_number_sealed bytea,         -- AES-256-GCM
    identity_number_index  bytea UNIQUE,  -- HMAC-SHA-256: finds the person without opening any seal
    phone                  text,
    photo_url              text,
    ability_level          text NOT NULL  -- GB/T 42195-2022
        CHECK (ability_level IN ('intact', 'mild', 'moderate', 'severe', 'complete')),
    living_situation       text NOT NULL,
    register_flags         text[] NOT NULL DEFAULT '{}',
    conditions             text[] NOT NULL DEFAULT '{}',
    medicines              text[] NOT NULL DEFAULT '{}',
    allergies              text[] NOT NULL DEFAULT '{}',
    oxygen                 boolean NOT NULL DEFAULT false,
    notes                  text NOT NULL DEFAULT '',
    address                text NOT NULL,
    door_note              text NOT NULL DEFAULT '',
    lat                    double precision CHECK (lat BETWEEN -90 AND 90),     -- WGS-84
    lon                    double precision CHECK (lon BETWEEN -180 AND 180),   -- WGS-84
    source_datum           text NOT NULL DEFAULT 'WGS-84',
    region_code            text NOT NULL REFERENCES regions,
    response_plan          jsonb NOT NULL DEFAULT '{"steps": []}',
    consents               jsonb NOT NULL DEFAULT '[]',
    version                integer NOT NULL DEFAULT 1,
    created_at             timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at             timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX elders_region ON elders (region_code text_pattern_ops, id);
CREATE INDEX elders_name ON elders (name, id);

ALTER TABLE account_elders ADD FOREIGN KEY (elder_id) REFERENCES elders ON DELETE CASCADE;

CREATE TABLE contacts (
    id            uuid PRIMARY KEY,
    elder_id      uuid NOT NULL REFERENCES elders ON DELETE CASCADE,
    position      integer NOT NULL CHECK (position >= 1),  -- who is called first
    name          text NOT NULL,
    relation      text NOT NULL,
    phone         text NOT NULL,
    distance_note text NOT NULL DEFAULT '',
    UNIQUE (elder_id, position)
);

CREATE TABLE devices (
    device_id               text PRIMARY KEY CHECK (device_id ~ '^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$'),
    model                   text NOT NULL,
    kind                    text NOT NULL,
    report_interval_seconds integer NOT NULL DEFAULT 600 CHECK (report_interval_seconds > 0),
    credential_hash         text NOT NULL,  -- Mosquitto's $7$ form; the credential itself is shown once and kept nowhere
    provisioned_at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at              timestamptz
);

CREATE TABLE device_bindings (
    id         uuid PRIMARY KEY,
    device_id  text NOT NULL REFERENCES devices,
    elder_id   uuid NOT NULL REFERENCES elders,
    bound_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    unbound_at timestamptz CHECK (unbound_at >= bound_at)
);
CREATE UNIQUE INDEX device_bindings_current ON device_bindings (device_id) WHERE unbound_at IS NULL;
CREATE INDEX device_bindings_elder ON device_bindings (elder_id, device_id) WHERE unbound_at IS NULL;

-- What a device last said of itself. No reference to devices: one nobody has provisioned is heard as well.
CREATE TABLE device_states (
    device_id    text PRIMARY KEY,
    online       boolean,
    status_at    timestamptz,             -- when `online` was told; an older report does not change it
    last_seen_at timestamptz,
    battery_pct  real,
    firmware     text,
    model        text
) WITH (fillfactor = 70);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON elders
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON contacts
    FOR EACH ROW EXECUTE FUNCTION audit_write('elder_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON devices
    FOR EACH ROW EXECUTE FUNCTION audit_write('device_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON device_bindings
    FOR EACH ROW EXECUTE FUNCTION audit_write('device_id');

CREATE VIEW bound_elders AS  -- one row per device that is bound right now
    SELECT b.device_id, e.id AS elder_id, e.name, e.birth_date, e.sex, e.ability_level, e.address, e.region_code,
           e.response_plan
      FROM device_bindings b JOIN elders e ON e.id = b.elder_id
     WHERE b.unbound_at IS NULL;
