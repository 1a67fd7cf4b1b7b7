-- Grants: which account may do what for which elder, until when. They take the place of the fixed list of a family's
-- elders, whose rows become confirmed grants of every kind.

CREATE TABLE grants (
    id          uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    elder_id    uuid REFERENCES elders,  -- none: nobody on the register fits what was said; the asker is not told
    elder_name  text NOT NULL,           -- as the asker has said it
    relation    text NOT NULL,           -- the asker's, to the elder
    region_code text NOT NULL,           -- where the elder lives, as the asker has said it
    kinds       text[] NOT NULL
        CHECK (cardinality(kinds) > 0 AND kinds <@ ARRAY['see', 'order', 'follow', 'health', 'position']),
    until       date,                    -- the last business day it holds; none: until it is revoked
    state       text NOT NULL CHECK (state IN ('asked', 'confirmed', 'refused', 'withdrawn', 'revoked', 'ended')),
    version     integer NOT NULL DEFAULT 1,
    asked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (elder_id IS NOT NULL OR state IN ('asked', 'refused', 'withdrawn'))
);
CREATE INDEX grants_account ON grants (account_id, asked_at);
CREATE INDEX grants_elder ON grants (elder_id, asked_at);
CREATE INDEX grants_asked ON grants (asked_at, id) WHERE state = 'asked';
CREATE INDEX grants_until ON grants (until) WHERE state = 'confirmed';

CREATE TABLE grant_moves (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grant_id uuid NOT NULL REFERENCES grants ON DELETE CASCADE,
    move     text NOT NULL,
    state    text NOT NULL,            -- after it
    how      text CHECK (how IN ('phone', 'in_person', 'document', 'on_file')),
    note     text NOT NULL DEFAULT '', -- the staff's; the asker does not read it
    actor_id uuid REFERENCES accounts, -- none: the command line, or the passing of time
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((how IS NOT NULL) = (move = 'confirm'))
);
CREATE INDEX grant_moves_grant ON grant_moves (grant_id, id);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON grant_moves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

INSERT INTO grants (id, account_id, elder_id, elder_name, relation, region_code, kinds, state)
    SELECT gen_random_uuid(), a.account_id, e.id, e.name, '', e.region_code,
           ARRAY['see', 'order', 'follow', 'health', 'position'], 'confirmed'
      FROM account_elders a JOIN elders e ON e.id = a.elder_id;
INSERT INTO grant_moves (grant_id, move, state, how) SELECT id, 'confirm', 'confirmed', 'on_file' FROM grants;
DROP TABLE account_elders;

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON grants
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON grant_moves
    FOR EACH ROW EXECUTE FUNCTION audit_write('grant_id');
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OR DELETE ON grants
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');
