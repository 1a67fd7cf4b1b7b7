-- What happened on the alarm path and on the order path, as facts: written once, never changed. What is counted of them,
-- and how much of it there was: docs/decisions/0040-from-facts-to-figures.md.

CREATE TABLE fact_batches (
    no        bigint PRIMARY KEY,
    facts     integer NOT NULL,
    digest    bytea NOT NULL,  -- SHA-256 of the digest before it and of these facts: what was changed, taken out or put in is found
    stored_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE case_facts (
    batch        bigint NOT NULL,
    event_id     text NOT NULL,          -- on the bus: what proves it
    case_id      uuid NOT NULL,
    version      integer NOT NULL,
    move         text NOT NULL,
    state        text NOT NULL,          -- after it
    happened_at  timestamptz NOT NULL,   -- an alarm: by the device's clock where it can be right
    received_at  timestamptz NOT NULL,   -- by the platform
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    occurred_at  timestamptz NOT NULL,   -- the first alarm of the case
    opened_at    timestamptz NOT NULL,
    claimed_at   timestamptz,            -- for the first time
    closed_at    timestamptz,
    kind         text NOT NULL,
    worklist     boolean NOT NULL,
    region_code  text,                   -- null: the device was bound to nobody
    elder_id     uuid,
    device_id    text NOT NULL,
    device_model text NOT NULL,
    operator_id  uuid,
    presses      integer NOT NULL,
    outcome      text
);
CREATE UNIQUE INDEX case_facts_once ON case_facts (case_id, version, happened_at);
CREATE INDEX case_facts_batch ON case_facts USING brin (batch);

CREATE TABLE visit_facts (
    batch           bigint NOT NULL,
    event_id        text NOT NULL,
    visit_id        uuid NOT NULL,
    order_id        uuid NOT NULL,
    version         integer NOT NULL,     -- of the order
    move            text NOT NULL,
    own             boolean NOT NULL,     -- a move of this visit, not of the order or of its other visit
    state           text NOT NULL,        -- of the visit, after it
    happened_at     timestamptz NOT NULL, -- setting out, begin and end: by the worker's phone where its clock can be right
    received_at     timestamptz NOT NULL,
    stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    placed_at       timestamptz NOT NULL,
    day             date NOT NULL,
    due_at          timestamptz NOT NULL, -- it should have begun by then
    region_code     text NOT NULL,
    elder_id        uuid NOT NULL,
    provider_id     uuid NOT NULL,
    service_code    text NOT NULL,
    worker_id       uuid,
    usual           boolean,              -- somebody who has most visits of the series; null: there is nobody usual
    waits_because   text
);
CREATE UNIQUE INDEX visit_facts_once ON visit_facts (visit_id, version, happened_at);
CREATE INDEX visit_facts_batch ON visit_facts USING brin (batch);

CREATE FUNCTION facts_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a fact is never changed: what was wrong is said by a new one';
END
$$;
CREATE TRIGGER case_facts_stay BEFORE UPDATE OR DELETE ON case_facts FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();
CREATE TRIGGER visit_facts_stay BEFORE UPDATE OR DELETE ON visit_facts FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();

-- A row for each case and each visit: what its facts come to. `yian metrics recompute` makes it from them again.
CREATE TABLE counted_cases (
    id           uuid PRIMARY KEY,
    version      integer NOT NULL,
    day          date NOT NULL,
    county       text NOT NULL,          -- 6 digits; '': the device was bound to nobody
    town         text NOT NULL,          -- 9 digits, or less where the region is given less exactly
    region_code  text NOT NULL,
    part         text NOT NULL,          -- the device's model
    kind         text NOT NULL,
    worklist     boolean NOT NULL,
    state        text NOT NULL,
    outcome      text,
    answered_s   double precision,       -- from the opening to the first claim; null: nobody yet
    presses      integer NOT NULL
);
CREATE INDEX counted_cases_bucket ON counted_cases (day, county);
CREATE INDEX counted_cases_place ON counted_cases (region_code text_pattern_ops, day);

CREATE TABLE counted_visits (
    id           uuid PRIMARY KEY,
    order_id     uuid NOT NULL,
    version      integer NOT NULL,
    day          date NOT NULL,
    county       text NOT NULL,
    town         text NOT NULL,
    region_code  text NOT NULL,
    part         text NOT NULL,          -- the provider's id
    service_code text NOT NULL,
    state        text NOT NULL,
    worker_id    uuid,
    late_s       double precision,       -- begun so long after it was due, or before; null: not begun
    assigned_s   double precision,       -- from the order to the first assignment; null: nobody yet
    offers       integer NOT NULL,
    declines     integer NOT NULL,
    workers      integer NOT NULL,       -- how many different ones were told that it is theirs
    usual        boolean,
    unserved     boolean NOT NULL        -- it was called off while nobody could come
);
CREATE INDEX counted_visits_bucket ON counted_visits (day, county);
CREATE INDEX counted_visits_place ON counted_visits (region_code text_pattern_ops, day);

-- Whose counts are not those of the rows above any more.
CREATE TABLE counts_due (
    subject text NOT NULL,               -- case or visit
    day     date NOT NULL,
    county  text NOT NULL,
    PRIMARY KEY (subject, day, county)
);

-- Of a county as a whole and for each part of it, and of each of its towns as a whole. A city is the sum of its counties.
CREATE TABLE day_counts (
    figure    text NOT NULL,
    version   smallint NOT NULL,         -- of its definition
    day       date NOT NULL,
    level     smallint NOT NULL,         -- 6: a county, 9: a town
    place     text NOT NULL,             -- its code; '': nowhere
    part      text NOT NULL,             -- a device's model or a provider's id; '': all
    whole     boolean NOT NULL,          -- all parts together
    n         bigint NOT NULL,
    hits      bigint NOT NULL,
    excluded  bigint NOT NULL,
    buckets   integer[],                 -- of durations (services/metrics/rules.py), rising
    bucket_ns integer[],                 -- how many were in each
    PRIMARY KEY (day, figure, level, place, whole, part, version)
);

CREATE TABLE month_counts (
    figure    text NOT NULL,
    version   smallint NOT NULL,
    month     date NOT NULL,             -- its first day
    level     smallint NOT NULL,
    place     text NOT NULL,
    part      text NOT NULL,
    whole     boolean NOT NULL,
    n         bigint NOT NULL,
    hits      bigint NOT NULL,
    excluded  bigint NOT NULL,
    buckets   integer[],
    bucket_ns integer[],
    PRIMARY KEY (month, figure, level, place, whole, part, version)
);

-- A month that is closed: its counts as they were published. Later facts change month_counts; what is published stays.
CREATE TABLE closed_months (
    month     date PRIMARY KEY,
    closed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    closed_by uuid NOT NULL REFERENCES accounts (id),
    facts     bigint NOT NULL,           -- up to this batch of facts
    digest    bytea NOT NULL             -- SHA-256 of the digest of that batch and of the counts
);
CREATE TABLE closed_counts (LIKE month_counts INCLUDING ALL);

CREATE TABLE restatements (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month     date NOT NULL REFERENCES closed_months (month),
    figure    text NOT NULL,
    version   smallint NOT NULL,
    town      text NOT NULL,
    noted_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    facts     bigint NOT NULL,           -- by facts up to this batch
    n_before  bigint NOT NULL, hits_before bigint NOT NULL, excluded_before bigint NOT NULL,
    n_after   bigint NOT NULL, hits_after  bigint NOT NULL, excluded_after  bigint NOT NULL
);
CREATE INDEX restatements_month ON restatements (month, id);

CREATE VIEW published_counts AS
    SELECT * FROM month_counts m WHERE NOT EXISTS (SELECT 1 FROM closed_months c WHERE c.month = m.month)
    UNION ALL
    SELECT * FROM closed_counts;
