-- Recurring orders: a rule in versions, what was decided about single dates, pauses, and what came of each date.

CREATE TABLE series (
    id           uuid PRIMARY KEY,
    elder_id     uuid NOT NULL REFERENCES elders,
    service_code text NOT NULL,
    made_until   date NOT NULL,  -- visits are made of every day up to here
    ends_on      date,           -- the last day with a visit
    end_reason   text CHECK (end_reason IN ('family', 'entitlement', 'died', 'moved')),
    prices       jsonb NOT NULL DEFAULT '[]',  -- what the family was told: [day, fen of a unit] from that day on
    next_look_at timestamptz,    -- none: it is over
    made_by      uuid REFERENCES accounts,
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    version      integer NOT NULL DEFAULT 1
);
CREATE INDEX series_elder ON series (elder_id, made_at);
CREATE INDEX series_made ON series (made_at, id);
CREATE INDEX series_due ON series (next_look_at) WHERE next_look_at IS NOT NULL;

CREATE TABLE series_versions (  -- in force for dates of the rule from `from_day` on, until the next version's
    series_id uuid NOT NULL REFERENCES series,
    version   integer NOT NULL,
    from_day  date NOT NULL,
    anchor    date NOT NULL,  -- the first date of the rule: steps are counted from it
    last      date,           -- the last date of the rule; none: it has none
    terms     jsonb NOT NULL, -- as `services/orders/series/forms.py` writes them
    PRIMARY KEY (series_id, version),
    UNIQUE (series_id, from_day)
);

CREATE TABLE series_one_dates (
    series_id uuid NOT NULL REFERENCES series,
    rule_day  date NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('skip', 'move')),
    to_day    date,
    at_min    smallint,
    PRIMARY KEY (series_id, rule_day),
    CHECK ((kind = 'move') = (to_day IS NOT NULL OR at_min IS NOT NULL))
);

CREATE TABLE series_pauses (
    id         uuid PRIMARY KEY,
    series_id  uuid NOT NULL REFERENCES series,
    from_day   date NOT NULL,
    resumes_on date,  -- the first day with visits again; none: nobody knows yet
    reason     text NOT NULL CHECK (reason IN ('hospital', 'away', 'other')),
    CHECK (from_day < resumes_on)
);
CREATE INDEX series_pauses_series ON series_pauses (series_id);

CREATE TABLE series_dates (  -- what came of a date of the rule; none: nothing yet, or nothing was to come of it
    series_id uuid NOT NULL REFERENCES series,
    rule_day  date NOT NULL,
    day       date NOT NULL,
    state     text NOT NULL CHECK (state IN ('placed', 'waiting', 'refused')),
    agreed    text NOT NULL,  -- digest of what was agreed for it: another one replaces the order
    order_id  uuid UNIQUE REFERENCES orders,
    code      text,           -- of the refusal
    says_zh   text,
    says_en   text,
    tried_at  timestamptz NOT NULL,
    PRIMARY KEY (series_id, rule_day),
    CHECK ((state = 'placed') = (order_id IS NOT NULL)),
    CHECK ((state = 'placed') = (code IS NULL))
);
CREATE UNIQUE INDEX series_dates_one_a_day ON series_dates (series_id, day) WHERE state = 'placed';
CREATE INDEX series_dates_day ON series_dates (series_id, day);

ALTER TABLE orders ADD COLUMN usual_worker_ids uuid[] NOT NULL DEFAULT '{}';  -- of its series, first who did more
ALTER TABLE orders ADD FOREIGN KEY (series_id) REFERENCES series;
CREATE INDEX orders_series ON orders (series_id, day) WHERE series_id IS NOT NULL;

CREATE TRIGGER audited AFTER INSERT OR UPDATE OF version, ends_on ON series
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR DELETE ON series_versions
    FOR EACH ROW EXECUTE FUNCTION audit_write('series_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON series_one_dates
    FOR EACH ROW EXECUTE FUNCTION audit_write('series_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON series_pauses
    FOR EACH ROW EXECUTE FUNCTION audit_write('series_id');

-- The monthly welfare visit (探访): everyone on the register is due one each calendar month, those at high risk one each
-- week. What a city may set differently is the one row of `welfare_rules`.

CREATE TABLE welfare_rules (
    only_row         boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    weekly           jsonb NOT NULL,    -- who is at high risk: one of these; in each, an empty list means any
    urgent_days      smallint NOT NULL, -- who is not visited so many days before the end is urgent
    place_ahead_days smallint NOT NULL  -- so long before its day a visit is ordered
);
INSERT INTO welfare_rules (weekly, urgent_days, place_ahead_days) VALUES (
    '[{"ability_levels": ["severe", "complete"], "living_situations": [], "register_flags": []},
      {"ability_levels": [], "living_situations": ["alone"], "register_flags": ["dementia"]}]', 6, 7);

CREATE TABLE welfare_dues (
    elder_id     uuid NOT NULL REFERENCES elders,
    due_from     date NOT NULL,
    due_until    date NOT NULL,
    month        date NOT NULL,     -- its first day
    weekly       boolean NOT NULL,
    area         text NOT NULL,     -- county code, 6 digits
    state        text NOT NULL CHECK (state IN ('planned', 'ordered', 'visited', 'not_visited')),
    planned_day  date,              -- none: no day is left
    order_id     uuid UNIQUE REFERENCES orders,  -- the last one that was made for it
    visited_on   date,
    attempts     smallint NOT NULL DEFAULT 0,
    code         text,              -- why the last attempt came to nothing
    says_zh      text,
    says_en      text,
    next_look_at timestamptz,       -- none: nothing is to be done but to wait for the visit
    PRIMARY KEY (elder_id, due_from),
    CHECK (due_from <= due_until),
    CHECK ((state = 'visited') = (visited_on IS NOT NULL))
);
CREATE INDEX welfare_dues_month ON welfare_dues (month, elder_id);
CREATE INDEX welfare_dues_look ON welfare_dues (next_look_at) WHERE next_look_at IS NOT NULL;
CREATE INDEX welfare_dues_ordered ON welfare_dues (order_id) WHERE state = 'ordered';
CREATE INDEX elders_register ON elders (region_code) WHERE register_flags <> '{}';
