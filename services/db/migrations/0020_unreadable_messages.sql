-- What a device sends that nobody can read, counted for whoever looks after the device. The bytes are in the dead letters.
CREATE TABLE unreadable_messages (
    device_id text NOT NULL,
    code      text NOT NULL,        -- event.not_json, telemetry.bad_record, …: the gateway's and the writer's, a dozen
    times     integer NOT NULL,
    detail    text NOT NULL,        -- of the latest
    first_at  timestamptz NOT NULL, -- received, the gateway's clock
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (device_id, code)
);
CREATE INDEX unreadable_messages_last ON unreadable_messages (last_at);
