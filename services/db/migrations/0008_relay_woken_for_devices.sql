-- A device waits for its receipts: the relay is woken for them. What else is in the outbox it finds by itself, a moment
-- later: waking it for every move of a case took that moment from the console that is told by the same commit.

DROP TRIGGER wakes_the_relay ON outbox;
CREATE TRIGGER wakes_the_relay AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.topic = 'yian.device.downlink') EXECUTE FUNCTION outbox_wakes_the_relay();
