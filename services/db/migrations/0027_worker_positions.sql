-- Where each worker was last, said by their phone while on duty. And the relay hurries for orders as it does for devices:
-- an order goes to dispatch and back before a family has put the telephone down.

CREATE TABLE worker_positions (  -- the latest alone
    worker_id   uuid PRIMARY KEY REFERENCES workers ON DELETE CASCADE,
    lat         double precision NOT NULL CHECK (lat BETWEEN -90 AND 90),    -- WGS-84
    lon         double precision NOT NULL CHECK (lon BETWEEN -180 AND 180),  -- WGS-84
    accuracy_m  double precision,
    at          timestamptz NOT NULL,  -- the phone's clock where it can be right, else ours
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);

DROP TRIGGER wakes_the_relay ON outbox;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.topic IN ('yian.device.downlink', 'yian.order', 'yian.assignment', 'yian.staff'))
    EXECUTE FUNCTION outbox_wakes_the_relay();
