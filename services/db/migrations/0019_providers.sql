-- The organisations that serve, and two more roles: their staff, and the city's civil-affairs officers.

ALTER TABLE accounts DROP CONSTRAINT accounts_role_check;
ALTER TABLE accounts ADD CONSTRAINT accounts_role_check
    CHECK (role IN ('operator', 'supervisor', 'family', 'provider', 'regulator'));

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TABLE requests_done (  -- what a request with an Idempotency-Key has made
    account_id      uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    idempotency_key text NOT NULL,
    digest          bytea NOT NULL,
    made_id         uuid NOT NULL,
    at              timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (account_id, idempotency_key)
);

CREATE TABLE providers (
    id             uuid PRIMARY KEY,
    name           text NOT NULL,
    licence_number text NOT NULL UNIQUE,
    licence_until  date NOT NULL,  -- the last day it holds
    phone          text NOT NULL,
    state          text NOT NULL CHECK (state IN ('active', 'suspended', 'left')),
    version        integer NOT NULL DEFAULT 1,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX providers_name ON providers (name, id);

CREATE TABLE provider_regions (  -- where it serves
    provider_id uuid NOT NULL REFERENCES providers ON DELETE CASCADE,
    region_code text NOT NULL REFERENCES regions,
    PRIMARY KEY (provider_id, region_code)
);

CREATE TABLE provider_moves (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider_id uuid NOT NULL REFERENCES providers,
    move        text NOT NULL,
    state       text NOT NULL,  -- after it
    reason      text NOT NULL,
    actor_id    uuid REFERENCES accounts,  -- none: the command line
    at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX provider_moves_provider ON provider_moves (provider_id, id);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON provider_moves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TABLE account_providers (  -- an account of this role sees this provider and no other
    account_id  uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    provider_id uuid NOT NULL REFERENCES providers
);
CREATE INDEX account_providers_provider ON account_providers (provider_id);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON providers
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON provider_regions
    FOR EACH ROW EXECUTE FUNCTION audit_write('provider_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON provider_moves
    FOR EACH ROW EXECUTE FUNCTION audit_write('provider_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON account_providers
    FOR EACH ROW EXECUTE FUNCTION audit_write('account_id');
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OR DELETE ON account_providers
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');
