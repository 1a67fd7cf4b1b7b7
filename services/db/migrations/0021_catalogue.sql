-- What the city sells and who offers it. Versions are only added: an order keeps the one it was made under.

CREATE TABLE service_categories (
    code     text PRIMARY KEY,
    position integer NOT NULL,
    name_zh  text NOT NULL,
    name_en  text NOT NULL
);

CREATE TABLE service_versions (
    code       text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    version    integer NOT NULL CHECK (version >= 1),
    valid_from date NOT NULL,  -- business day; of those begun the one that began last holds
    category   text NOT NULL REFERENCES service_categories,
    terms      jsonb NOT NULL,  -- as `services/catalogue/terms.py` writes them
    made_by    uuid REFERENCES accounts,  -- none: founded from the command line
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (code, version)
);

CREATE TABLE offer_versions (
    provider_id  uuid NOT NULL REFERENCES providers,
    service_code text NOT NULL,
    version      integer NOT NULL CHECK (version >= 1),
    valid_from   date NOT NULL,
    price_fen    integer NOT NULL CHECK (price_fen >= 0),
    region_codes text[] NOT NULL CHECK (cardinality(region_codes) > 0),
    withdrawn    boolean NOT NULL DEFAULT false,
    made_by      uuid REFERENCES accounts,
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, service_code, version)
);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON service_versions
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON offer_versions
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON service_categories
    FOR EACH ROW EXECUTE FUNCTION audit_write('code');
CREATE TRIGGER audited AFTER INSERT ON service_versions
    FOR EACH ROW EXECUTE FUNCTION audit_write('code');
CREATE TRIGGER audited AFTER INSERT ON offer_versions
    FOR EACH ROW EXECUTE FUNCTION audit_write('provider_id');
