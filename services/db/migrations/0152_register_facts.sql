-- Who is owed a welfare visit in a month, and whether one was made: facts like those of cases and visits.

ALTER TABLE welfare_dues ADD COLUMN version integer NOT NULL DEFAULT 1;

CREATE TABLE due_facts (
    batch       bigint NOT NULL,
    event_id    text NOT NULL,
    register_id uuid NOT NULL,            -- of this elder and month
    elder_id    uuid NOT NULL,
    due_from    date NOT NULL,
    version     integer NOT NULL,
    state       text NOT NULL,            -- due, visited, not_visited or forgotten
    happened_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    stored_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    month       date NOT NULL,
    region_code text NOT NULL,
    weekly      boolean NOT NULL,
    visited_on  date,
    order_id    uuid,
    code        text
);
CREATE UNIQUE INDEX due_facts_once ON due_facts (register_id, due_from, version, happened_at);
CREATE INDEX due_facts_batch ON due_facts USING brin (batch);
CREATE TRIGGER due_facts_stay BEFORE UPDATE OR DELETE ON due_facts FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();

-- A row for each elder on the register and month.
CREATE TABLE counted_register (
    id          uuid PRIMARY KEY,
    elder_id    uuid NOT NULL,
    version     integer NOT NULL,
    day         date NOT NULL,            -- the first of the month
    county      text NOT NULL,
    town        text NOT NULL,
    region_code text NOT NULL,
    part        text NOT NULL,            -- weekly or monthly
    state       text NOT NULL,            -- as above; visited: at least once
    visited_on  date,
    code        text
);
CREATE INDEX counted_register_bucket ON counted_register (day, county);
CREATE INDEX counted_register_place ON counted_register (region_code text_pattern_ops, day);
