-- What has been heard already, and what is still to be told.

CREATE TABLE inbox (  -- one row per event that has had its effect: a repeat finds it here and has none
    device_id  text NOT NULL,
    event_id   text NOT NULL,
    arrived_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (device_id, event_id)
);
CREATE INDEX inbox_arrival ON inbox (arrived_at);

CREATE TABLE outbox (  -- written in the transaction of what it tells; the relay publishes in order of id, then deletes
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL,
    key        text,
    headers    jsonb NOT NULL,
    value      bytea NOT NULL,
    written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION outbox_wakes_the_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY outbox;
    RETURN NULL;
END $$;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION outbox_wakes_the_relay();
