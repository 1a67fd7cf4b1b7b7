-- The people who serve: employees, volunteers and neighbours of a provider; and the role of those who have an account.

ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_role_check
    CHECK (role IN ('operator', 'supervisor', 'family', 'provider', 'worker', 'regulator'));

CREATE TABLE workers (
    id               uuid PRIMARY KEY,
    provider_id      uuid NOT NULL REFERENCES providers,
    name             text NOT NULL,
    sex              text NOT NULL CHECK (sex IN ('female', 'male')),
    phone            text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('employed', 'volunteer', 'neighbour', 'peer')),
    state            text NOT NULL CHECK (state IN ('active', 'left')),
    dialects         text[] NOT NULL DEFAULT '{}',
    skills           text[] NOT NULL DEFAULT '{}',
    lat              double precision,  -- where they set out from, WGS-84
    lon              double precision,
    source_datum     text NOT NULL DEFAULT 'WGS-84',
    travel_mode      text NOT NULL CHECK (travel_mode IN ('walk', 'ebike', 'bus', 'car')),
    areas            text[] NOT NULL DEFAULT '{}',  -- prefixes; none: wherever the provider serves
    day_limit_min    integer,
    week_limit_min   integer,
    month_limit_min  integer,
    most_visits      integer,  -- a day
    breaks           jsonb NOT NULL DEFAULT '[]',
    version          integer NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((lat IS NULL) = (lon IS NULL)),
    UNIQUE (provider_id, phone)
);
CREATE INDEX workers_name ON workers (name, id);

CREATE TABLE worker_certificates (
    worker_id   uuid NOT NULL REFERENCES workers ON DELETE CASCADE,
    kind        text NOT NULL,
    number      text NOT NULL,
    valid_from  date NOT NULL,
    valid_until date NOT NULL,  -- the last day it is valid
    PRIMARY KEY (worker_id, kind, number),
    CHECK (valid_from <= valid_until)
);
CREATE INDEX worker_certificates_until ON worker_certificates (valid_until);

CREATE TABLE worker_elders (  -- whom an unpaid helper is paired with
    worker_id uuid NOT NULL REFERENCES workers ON DELETE CASCADE,
    elder_id  uuid NOT NULL REFERENCES elders ON DELETE CASCADE,
    PRIMARY KEY (worker_id, elder_id)
);
CREATE INDEX worker_elders_elder ON worker_elders (elder_id);

CREATE TABLE account_workers (  -- an account of this role sees this worker and nobody else
    account_id uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    worker_id  uuid NOT NULL UNIQUE REFERENCES workers
);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON workers
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON worker_certificates
    FOR EACH ROW EXECUTE FUNCTION audit_write('worker_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON worker_elders
    FOR EACH ROW EXECUTE FUNCTION audit_write('worker_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON account_workers
    FOR EACH ROW EXECUTE FUNCTION audit_write('account_id');
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OR DELETE ON account_workers
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');
