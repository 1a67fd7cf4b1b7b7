-- When workers work: weekly patterns, other hours on single dates, leave.

CREATE TABLE shift_patterns (  -- in force until the next one begins
    worker_id   uuid NOT NULL REFERENCES workers ON DELETE CASCADE,
    begins      date NOT NULL,
    shifts      jsonb NOT NULL,  -- seven days from Monday, each a list of [from, to] in minutes after 00:00
    on_holidays boolean NOT NULL,
    PRIMARY KEY (worker_id, begins)
);

CREATE TABLE shift_other_hours (  -- of one date, instead of the pattern's
    worker_id uuid NOT NULL REFERENCES workers ON DELETE CASCADE,
    day       date NOT NULL,
    shifts    jsonb NOT NULL,
    note      text NOT NULL DEFAULT '',
    PRIMARY KEY (worker_id, day)
);

CREATE TABLE leaves (
    id         uuid PRIMARY KEY,
    worker_id  uuid NOT NULL REFERENCES workers ON DELETE CASCADE,
    from_at    timestamptz NOT NULL,
    until_at   timestamptz NOT NULL,
    whole_days boolean NOT NULL,
    reason     text NOT NULL,
    state      text NOT NULL CHECK (state IN ('asked', 'granted', 'refused', 'withdrawn')),
    decision   text NOT NULL DEFAULT '',
    asked_by   uuid REFERENCES accounts,
    asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by uuid REFERENCES accounts,
    decided_at timestamptz,
    CHECK (from_at < until_at)
);
CREATE INDEX leaves_worker ON leaves (worker_id, until_at);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shift_patterns
    FOR EACH ROW EXECUTE FUNCTION audit_write('worker_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON shift_other_hours
    FOR EACH ROW EXECUTE FUNCTION audit_write('worker_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON leaves
    FOR EACH ROW EXECUTE FUNCTION audit_write('worker_id');
