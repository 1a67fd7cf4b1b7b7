-- A move of a case is told to the app processes in the moment it is committed; the bus tells everyone else.

CREATE FUNCTION outbox_tells_the_consoles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('alarm_case', convert_from(NEW.value, 'UTF8'));
    RETURN NULL;
END $$;
-- A notification ends below 8,000 bytes; a longer move is found by the feed's own look, a second later.
CREATE TRIGGER tells_the_consoles AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.topic = 'yian.alarm.case' AND octet_length(NEW.value) < 7900)
    EXECUTE FUNCTION outbox_tells_the_consoles();
