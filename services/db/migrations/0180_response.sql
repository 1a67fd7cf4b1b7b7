-- Escalation plans: who is told of a case nobody takes, when, and by what. And the runs of those plans: one for each case,
-- with the plan as it was when the case opened. docs/decisions/0044-somebody-always-acts.md.

CREATE TABLE escalation_plans (
    id          uuid PRIMARY KEY,
    region_code text NOT NULL REFERENCES regions, -- everybody's who lives there; an elder's plan goes with the elder
    elder_id    uuid REFERENCES elders,           -- none: not one elder's
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX escalation_plans_region ON escalation_plans (region_code);
CREATE INDEX escalation_plans_elder ON escalation_plans (elder_id) WHERE elder_id IS NOT NULL;

CREATE TABLE escalation_plan_versions (
    plan_id    uuid NOT NULL REFERENCES escalation_plans,
    version    integer NOT NULL CHECK (version >= 1),
    valid_from date NOT NULL,                     -- the business day from which it holds
    terms      jsonb NOT NULL,                    -- name, kinds, hours, steps
    ended      boolean NOT NULL DEFAULT false,    -- the plan holds no more
    written_by uuid REFERENCES accounts,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (plan_id, version)
);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON escalation_plan_versions
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON escalation_plans
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON escalation_plan_versions
    FOR EACH ROW EXECUTE FUNCTION audit_write('plan_id');

-- No reference to alarm_cases: it would lock the row of the case, and whoever takes the next case skips locked ones.
CREATE TABLE response_runs (
    case_id      uuid PRIMARY KEY,
    kind         text NOT NULL,
    elder_id     uuid,
    elder_name   text,
    region_code  text,
    opened_at    timestamptz NOT NULL,
    occurred_at  timestamptz NOT NULL,
    plan_id      uuid,                            -- none: the built-in plan
    plan_version integer NOT NULL,
    plan_name    text NOT NULL,
    steps        jsonb NOT NULL,                  -- frozen when the case opened
    hold         text NOT NULL CHECK (hold IN ('unclaimed', 'held', 'ended')),
    since        timestamptz NOT NULL,            -- waits count from here; the database's clock
    version      integer NOT NULL,                -- of the case, as far as it was heard of
    period       integer NOT NULL,
    told         integer[] NOT NULL               -- the steps that were taken at any time, by their index
) WITH (fillfactor = 70);

CREATE TABLE response_pending (                   -- the timers: they outlive every process
    case_id uuid NOT NULL REFERENCES response_runs,
    step    integer NOT NULL,
    due_at  timestamptz NOT NULL,
    PRIMARY KEY (case_id, step)
);
CREATE INDEX response_pending_due ON response_pending (due_at);

CREATE TABLE response_steps (                     -- what became of each step, once in each period
    case_id uuid NOT NULL REFERENCES response_runs,
    period  integer NOT NULL,
    step    integer NOT NULL,
    fate    text NOT NULL CHECK (fate IN ('taken', 'stopped', 'skipped')),
    because text,
    who     text NOT NULL,
    channel text NOT NULL,
    since   timestamptz NOT NULL,
    due_at  timestamptz NOT NULL,
    at      timestamptz NOT NULL,
    told    integer,                              -- how many people's pages or consoles; none: nobody is told by it
    PRIMARY KEY (case_id, period, step),
    CHECK ((fate = 'taken') = (because IS NULL))
);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON response_steps
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
