-- Whoever holds a connection open for an account is told when a session of it ends or what it may do changes. Raised by
-- triggers: also a change made by hand ends the console of somebody who may no longer see it.

CREATE FUNCTION account_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM pg_notify('account_changed', to_jsonb(OLD) ->> TG_ARGV[0]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM pg_notify('account_changed', to_jsonb(NEW) ->> TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER told_at_once AFTER UPDATE OR DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');
CREATE TRIGGER told_at_once AFTER UPDATE OR DELETE ON accounts
    FOR EACH ROW EXECUTE FUNCTION account_changed('id');
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OR DELETE ON account_regions
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OR DELETE ON account_elders
    FOR EACH ROW EXECUTE FUNCTION account_changed('account_id');

-- Attempts from a browser that has signed in as this account before have a count of their own; null: a stranger's.
ALTER TABLE login_attempts ADD COLUMN browser text;
DROP INDEX login_attempts_username;
CREATE INDEX login_attempts_username ON login_attempts (username, browser, at);
