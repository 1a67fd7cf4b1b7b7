-- Which process plans an area (county), said by itself when the bus has given it the area's partition. And the relay is
-- woken for orders as it is for devices: whoever orders waits for a worker's name.

CREATE TABLE planning_areas (
    area     text PRIMARY KEY,
    base_url text,                       -- where it answers inside the installation; none: it has given the area back
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    epoch    bigint NOT NULL DEFAULT 1   -- grows with each claim: of two who believe they plan it, the newer one does
);

DROP TRIGGER wakes_the_relay ON outbox;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.topic IN ('yian.device.downlink', 'yian.order')) EXECUTE FUNCTION outbox_wakes_the_relay();
