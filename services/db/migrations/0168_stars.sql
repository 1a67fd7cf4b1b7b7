-- Stars of providers (星级评定): what was published of each month with its arithmetic, and the appeals. Both only grow.
-- docs/decisions/0042-within-fifteen-minutes.md

CREATE TABLE star_ratings (
    provider_id uuid NOT NULL REFERENCES providers,
    month       date NOT NULL REFERENCES closed_months (month),
    version     integer NOT NULL,        -- a later one stands in its place
    because     text NOT NULL CHECK (because IN ('closed', 'appeal')),
    formula     smallint NOT NULL,       -- version of services/metrics/stars/formulas.py
    stars       numeric(2, 1) CHECK (stars BETWEEN 0 AND 5),  -- none: too little happened, or an appeal was upheld
    score       numeric(4, 1),
    terms       jsonb NOT NULL,          -- each term with its numbers
    said_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, month, version)
);
CREATE INDEX star_ratings_month ON star_ratings (month);

CREATE TABLE star_appeal_moves (
    provider_id uuid NOT NULL REFERENCES providers,
    month       date NOT NULL,
    version     integer NOT NULL,
    move        text NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'upheld', 'rejected', 'withdrawn')),  -- after it
    reason      text NOT NULL,
    actor_id    uuid NOT NULL REFERENCES accounts,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (provider_id, month, version)
);

CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON star_ratings
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON star_appeal_moves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
CREATE TRIGGER audited AFTER INSERT ON star_ratings FOR EACH ROW EXECUTE FUNCTION audit_write('provider_id');
CREATE TRIGGER audited AFTER INSERT ON star_appeal_moves FOR EACH ROW EXECUTE FUNCTION audit_write('provider_id');
