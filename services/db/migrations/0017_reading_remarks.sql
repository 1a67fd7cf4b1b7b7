-- Which readings of a device were not as RFC 8428 has them, and were read all the same. One row a habit, not a reading:
-- readings as they should be cost nothing more.
CREATE TABLE reading_remarks (
    device_id text NOT NULL,
    name      text NOT NULL,
    remark    text NOT NULL,        -- shape, label, number, time
    first_at  timestamptz NOT NULL, -- received, the gateway's clock
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (device_id, name, remark)
);
