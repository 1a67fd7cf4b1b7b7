-- A worker's own SOS goes from the app through the outbox to the gateway's topic: it is an alarm and waits for no look.
-- What devices say does not come this way, so the trigger costs their path nothing.

DROP TRIGGER wakes_the_relay ON outbox;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox
    FOR EACH ROW
    WHEN (NEW.topic IN ('yian.device.event', 'yian.device.downlink', 'yian.order', 'yian.assignment', 'yian.staff'))
    EXECUTE FUNCTION outbox_wakes_the_relay();
