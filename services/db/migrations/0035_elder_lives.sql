-- Where an elder's life stands: in hospital, away, moved out of the city, died. No row, or `at_home`: at home. One spell
-- at a time, by business days; what follows for visits, recurring orders and grants is derived from it.

CREATE TABLE elder_lives (
    elder_id  uuid PRIMARY KEY REFERENCES elders,
    state     text NOT NULL CHECK (state IN ('at_home', 'in_hospital', 'away', 'moved_out', 'died')),
    from_day  date,                      -- its first day
    until_day date,                      -- the first day at home again; none: nobody knows, or it is for good
    said_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    version   integer NOT NULL CHECK (version >= 1),
    CHECK ((state = 'at_home') = (from_day IS NULL)),
    CHECK (until_day > from_day),
    CHECK (until_day IS NULL OR state IN ('in_hospital', 'away'))
);

CREATE TABLE elder_life_moves (
    elder_id    uuid NOT NULL REFERENCES elders,
    version     integer NOT NULL,        -- of the life, after it
    move        text NOT NULL,
    state       text NOT NULL,           -- after it
    from_day    date,
    until_day   date,
    region_code text NOT NULL,           -- where she lives, after it
    reason      text NOT NULL,
    actor_id    uuid REFERENCES accounts,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (elder_id, version)
);
CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON elder_life_moves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER audited AFTER INSERT OR UPDATE OR DELETE ON elder_lives
    FOR EACH ROW EXECUTE FUNCTION audit_write('elder_id');
CREATE TRIGGER audited AFTER INSERT ON elder_life_moves
    FOR EACH ROW EXECUTE FUNCTION audit_write('elder_id');

-- Of an elder who has died grants hold for less (accounts/grants): whoever holds a connection open is told.
CREATE FUNCTION elder_life_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('account_changed', account_id::text)
       FROM (SELECT DISTINCT account_id FROM grants WHERE elder_id = NEW.elder_id AND state = 'confirmed') AS g;
    RETURN NULL;
END $$;
CREATE TRIGGER told_at_once AFTER INSERT OR UPDATE OF state ON elder_lives
    FOR EACH ROW EXECUTE FUNCTION elder_life_changed();

DROP TRIGGER wakes_the_relay ON outbox;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox
    FOR EACH ROW
    WHEN (NEW.topic IN ('yian.device.event', 'yian.device.downlink', 'yian.order', 'yian.assignment', 'yian.staff',
                        'yian.elder'))
    EXECUTE FUNCTION outbox_wakes_the_relay();
