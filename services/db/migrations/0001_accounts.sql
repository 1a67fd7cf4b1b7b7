-- Who may use the platform, their sessions, and the audit of what was written and revealed.

CREATE TABLE audit (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id     uuid,                    -- none: the platform itself
    action       text NOT NULL,           -- elders.update, elder.revealed, session.refused, …
    subject_type text NOT NULL,
    subject_id   text NOT NULL,
    detail       jsonb NOT NULL DEFAULT '{}'  -- names of changed columns, a reason; never personal data
);
CREATE INDEX audit_subject ON audit (subject_type, subject_id, id);
CREATE INDEX audit_actor ON audit (actor_id, id);

CREATE FUNCTION audit_refuses_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses_change();

-- Attached to a table, it writes one line per row written: who (`yian.actor`, set by the transaction), what, which
-- columns. The argument names the column that identifies the row.
CREATE FUNCTION audit_write() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
    changed jsonb;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_agg(key ORDER BY key) INTO changed
          FROM jsonb_each(new_row) AS n WHERE n.value IS DISTINCT FROM old_row -> n.key;
        IF changed IS NULL THEN
            RETURN NULL;
        END IF;
    END IF;
    INSERT INTO audit (actor_id, action, subject_type, subject_id, detail)
    VALUES (
        nullif(current_setting('yian.actor', true), '')::uuid,
        TG_TABLE_NAME || '.' || lower(TG_OP),
        TG_TABLE_NAME,
        CASE WHEN TG_OP = 'DELETE' THEN old_row ->> TG_ARGV[0] ELSE new_row ->> TG_ARGV[0] END,
        CASE WHEN changed IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('columns', changed) END
    );
    RETURN NULL;
END $$;

CREATE TABLE accounts (
    id            uuid PRIMARY KEY,
    username      text NOT NULL CHECK (username ~ '^[a-z0-9][a-z0-9._-]{1,31}$'),
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('operator', 'supervisor', 'family')),
    password_hash text NOT NULL,
    locale        text NOT NULL DEFAULT 'zh-CN',
    active        boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (username)
);

CREATE TABLE account_regions (
    account_id  uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    region_code text NOT NULL CHECK (region_code ~ '^\d{2}(\d{2}(\d{2}(\d{3}(\d{3})?)?)?)?$'),  -- a prefix
    PRIMARY KEY (account_id, region_code)
);

CREATE TABLE account_elders (  -- a family account sees these elders and nobody else; the reference comes with elders
    account_id uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    elder_id   uuid NOT NULL,
    PRIMARY KEY (account_id, elder_id)
);
CREATE INDEX account_elders_elder ON account_elders (elder_id);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    token_hash   bytea NOT NULL UNIQUE,   -- SHA-256 of the cookie: the table alone opens no door
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_account ON sessions (account_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE login_attempts (  -- not yet known to have succeeded; written before the password is looked at
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    username text NOT NULL,
    address  text NOT NULL
);
CREATE INDEX login_attempts_username ON login_attempts (username, at);
CREATE INDEX login_attempts_address ON login_attempts (address, at);
CREATE INDEX login_attempts_at ON login_attempts (at);

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION audit_write('id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON account_regions
    FOR EACH ROW EXECUTE FUNCTION audit_write('account_id');
CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON account_elders
    FOR EACH ROW EXECUTE FUNCTION audit_write('account_id');
