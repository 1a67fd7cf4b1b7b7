-- Who pays what: the schemes of the city, who has been awarded one, and what of an order they pay.

CREATE TABLE scheme_versions (
    code       text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    version    integer NOT NULL CHECK (version >= 1),
    valid_from date NOT NULL,   -- business day; of those begun the one that began last holds
    terms      jsonb NOT NULL,  -- as `services/catalogue/subsidies/forms.py` writes them
    made_by    uuid REFERENCES accounts,  -- none: founded from the command line
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (code, version)
);

CREATE TABLE awards (  -- an elder has a scheme that is not everybody's
    id          uuid PRIMARY KEY,
    elder_id    uuid NOT NULL REFERENCES elders,
    scheme_code text NOT NULL,
    from_day    date NOT NULL,
    until_day   date NOT NULL,  -- the last one
    monthly_fen integer CHECK (monthly_fen > 0),  -- none: as the scheme says
    reason      text NOT NULL,  -- what it was awarded for; later, why it ends early
    made_by     uuid REFERENCES accounts,
    made_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    version     integer NOT NULL DEFAULT 1,
    CHECK (until_day >= from_day - 1)  -- the day before: it never held
);
CREATE INDEX awards_elder ON awards (elder_id, from_day);

ALTER TABLE orders ADD COLUMN subsidies jsonb NOT NULL DEFAULT '[]';  -- who pays beside the family, as it was said
ALTER TABLE orders ADD COLUMN subsidy_fen bigint NOT NULL DEFAULT 0 CHECK (subsidy_fen BETWEEN 0 AND total_fen);
CREATE INDEX orders_subsidised ON orders (elder_id, day) WHERE subsidy_fen > 0;

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON scheme_versions
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audited AFTER INSERT ON scheme_versions FOR EACH ROW EXECUTE FUNCTION audit_write('code');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON awards FOR EACH ROW EXECUTE FUNCTION audit_write('elder_id');
