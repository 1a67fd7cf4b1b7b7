-- Alarm cases, the events in them, their timeline, and who has a console open.

CREATE TABLE alarm_cases (
    id                uuid PRIMARY KEY,
    version           integer NOT NULL CHECK (version >= 1),
    kind              text NOT NULL,
    join_key          text NOT NULL,      -- what a repeat is recognised by: the kind; for unknown ones the type as well
    subject           text NOT NULL,      -- elder:ID, or device:ID while the device is bound to nobody
    priority          smallint NOT NULL CHECK (priority BETWEEN 1 AND 5),
    worklist          boolean NOT NULL,
    state             text NOT NULL CHECK (state IN ('open', 'claimed', 'calling', 'responding', 'closed')),
    device_id         text NOT NULL,      -- no reference: a device nobody has provisioned may ring
    wire_type         text,
    elder_id          uuid REFERENCES elders,
    elder             jsonb,              -- as the queue shows it; frozen when the case opens
    region_code       text,
    response_plan     jsonb NOT NULL,     -- frozen when the case opens
    opened_at         timestamptz NOT NULL,
    occurred_at       timestamptz NOT NULL,
    received_at       timestamptz NOT NULL,
    rang_at           timestamptz NOT NULL,
    time_suspect      boolean NOT NULL,
    press_count       integer NOT NULL CHECK (press_count >= 1),
    location          jsonb,              -- WGS-84
    located_at        timestamptz,
    battery_pct       double precision,
    battery_at        timestamptz,
    fall_cancelled_at timestamptz,
    claimed_by        uuid REFERENCES accounts,
    claimed_by_name   text,
    claimed_at        timestamptz,
    lease_until       timestamptz,
    first_claimed_at  timestamptz,
    closed_at         timestamptz,
    outcome           text,
    moved_at          timestamptz NOT NULL DEFAULT clock_timestamp(),  -- of the last version; a lease is no move
    CHECK ((state IN ('claimed', 'calling', 'responding')) = (claimed_by IS NOT NULL)),
    CHECK ((claimed_by IS NULL) = (lease_until IS NULL)),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
-- The second line of defence behind the rule: one alarm of one person is one open case, whoever is first.
CREATE UNIQUE INDEX alarm_cases_one_open ON alarm_cases (subject, join_key) WHERE state <> 'closed';
CREATE INDEX alarm_cases_queue ON alarm_cases (priority, opened_at) WHERE state <> 'closed';
CREATE INDEX alarm_cases_leases ON alarm_cases (lease_until) WHERE claimed_by IS NOT NULL;
CREATE INDEX alarm_cases_open_device ON alarm_cases (device_id) WHERE state <> 'closed';
CREATE INDEX alarm_cases_device ON alarm_cases (device_id, opened_at DESC);
CREATE INDEX alarm_cases_elder ON alarm_cases (elder_id, opened_at DESC);
CREATE INDEX alarm_cases_opened ON alarm_cases (opened_at DESC, id);
CREATE INDEX alarm_cases_moved ON alarm_cases (moved_at);

CREATE TABLE alarm_case_events (  -- every event in a case: what it is owed on the way down, and when it was paid
    case_id     uuid NOT NULL REFERENCES alarm_cases,
    device_id   text NOT NULL,
    event_id    text NOT NULL,
    occurred_at timestamptz NOT NULL,
    device_time timestamptz,
    received_at timestamptz NOT NULL,
    owed        boolean NOT NULL,         -- false: garbled, the device knows no id of it
    answered_at timestamptz,
    closed_at   timestamptz,
    PRIMARY KEY (case_id, device_id, event_id)
);

CREATE TABLE device_notes (  -- events that open no case: a test, a command's result, a fall taken back
    device_id   text NOT NULL,
    event_id    text NOT NULL,
    note        text NOT NULL,
    occurred_at timestamptz NOT NULL,
    device_time timestamptz,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data        jsonb NOT NULL,
    PRIMARY KEY (device_id, event_id, note)
);
CREATE INDEX device_notes_recent ON device_notes (device_id, note, occurred_at);
CREATE INDEX device_notes_recorded ON device_notes (recorded_at);

CREATE TABLE alarm_timeline (
    case_id         uuid NOT NULL REFERENCES alarm_cases,
    seq             integer NOT NULL,     -- the version of the case that the move led to
    move            text NOT NULL,
    state           text NOT NULL,
    recorded_at     timestamptz NOT NULL, -- the database's clock
    received_at     timestamptz,          -- the gateway's, where a device did it
    device_at       timestamptz,          -- the device's, as it said
    actor_id        uuid,                 -- none: the platform or the device
    actor_name      text,
    actor_role      text,
    detail          jsonb NOT NULL,
    idempotency_key text,
    PRIMARY KEY (case_id, seq)
);
CREATE UNIQUE INDEX alarm_timeline_once ON alarm_timeline (actor_id, idempotency_key, case_id)
    WHERE idempotency_key IS NOT NULL;

CREATE FUNCTION alarm_timeline_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the timeline of a case is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER alarm_timeline_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON alarm_timeline
    FOR EACH STATEMENT EXECUTE FUNCTION alarm_timeline_refuses_change();

CREATE TABLE console_connections (  -- who has a console open; the app process that serves it keeps `seen_at` fresh
    id         uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    opened_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);
CREATE INDEX console_connections_account ON console_connections (account_id, seen_at);
CREATE INDEX console_connections_seen ON console_connections (seen_at);

CREATE TABLE broker_incidents (  -- all devices silent together: one thing is broken, not ten thousand devices
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    began_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    devices    integer NOT NULL           -- that fell silent
);
CREATE UNIQUE INDEX broker_incidents_one_open ON broker_incidents ((true)) WHERE ended_at IS NULL;
