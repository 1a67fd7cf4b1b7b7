-- Who could be there within 15 minutes (十五分钟养老服务圈), village by village and hour by hour: facts like those of cases
-- and visits. docs/decisions/0042-within-fifteen-minutes.md

CREATE TABLE reach_hours (  -- an hour that was measured, and from what
    hour        timestamptz PRIMARY KEY,
    day         date NOT NULL,           -- of Beijing
    of_day      smallint NOT NULL,
    measured_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    said        text NOT NULL            -- who was on duty and could give what (services/metrics/reach/rules.py); its facts name its digest
);
CREATE INDEX reach_hours_day ON reach_hours (day, of_day);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON reach_hours
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE reach_facts (
    batch       bigint NOT NULL,
    event_id    text NOT NULL,           -- the hour and the digest of who was on duty: what proves it
    reach_id    uuid NOT NULL,           -- of this village and day
    version     integer NOT NULL,        -- the hour of the day
    happened_at timestamptz NOT NULL,    -- that full hour
    received_at timestamptz NOT NULL,    -- when it was measured
    stored_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    day         date NOT NULL,
    region_code text NOT NULL,
    elders      integer NOT NULL,        -- at home, with a position
    excluded    integer NOT NULL,        -- at home, without one
    services    text[] NOT NULL,         -- categories of which a service may begin at this hour
    reached     integer[] NOT NULL,      -- of each, so many of the elders
    offered     boolean[] NOT NULL       -- of each, whether any provider offers it there
);
CREATE UNIQUE INDEX reach_facts_once ON reach_facts (reach_id, version, happened_at);
CREATE INDEX reach_facts_batch ON reach_facts USING brin (batch);
CREATE INDEX reach_facts_place ON reach_facts (day, region_code text_pattern_ops);
CREATE TRIGGER reach_facts_stay BEFORE UPDATE OR DELETE ON reach_facts FOR EACH STATEMENT EXECUTE FUNCTION facts_stay();

-- A row for each village, day and category; those without a position stand in one of their own.
CREATE TABLE counted_reach (
    id          uuid PRIMARY KEY,
    reach_id    uuid NOT NULL,
    version     integer NOT NULL,        -- the last hour
    day         date NOT NULL,
    county      text NOT NULL,
    town        text NOT NULL,
    region_code text NOT NULL,
    part        text NOT NULL,           -- the category
    located     boolean NOT NULL,
    hours       integer NOT NULL,
    elders      bigint NOT NULL,         -- added up over the hours
    reached     bigint NOT NULL,
    offered     bigint NOT NULL          -- of the elders, those where it is offered
) WITH (fillfactor = 80);
CREATE INDEX counted_reach_bucket ON counted_reach (day, county);
CREATE INDEX counted_reach_place ON counted_reach (region_code text_pattern_ops, day);
CREATE INDEX counted_reach_of ON counted_reach (reach_id);

CREATE TABLE reach_places (  -- where a village is drawn: about the middle of its homes, of five or more
    region_code text PRIMARY KEY,
    lat         double precision NOT NULL,
    lon         double precision NOT NULL
);
