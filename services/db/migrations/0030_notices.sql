-- What people were told, or will be told when its time has come; and for each order, what its people know.

CREATE TABLE notices (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id  uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    kind        text NOT NULL,
    order_id    uuid NOT NULL,
    visit_id    uuid,
    elder_id    uuid NOT NULL,
    region_code text NOT NULL,          -- of the elder, when it was written: on duty one sees one's own regions only
    zh          text NOT NULL,
    en          text NOT NULL,
    told_once   text NOT NULL,          -- which happening it tells of
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_before  timestamptz NOT NULL,
    told_at     timestamptz,            -- on the page since; none: held, and dropped if it stops being true
    read_at     timestamptz CHECK (read_at IS NULL OR told_at IS NOT NULL),
    UNIQUE (account_id, told_once)
);
CREATE INDEX notices_of ON notices (account_id, told_at DESC, id DESC) WHERE told_at IS NOT NULL;
CREATE INDEX notices_unread ON notices (account_id) WHERE told_at IS NOT NULL AND read_at IS NULL;
CREATE INDEX notices_held ON notices (not_before) WHERE told_at IS NULL;
CREATE INDEX notices_held_of ON notices (order_id) WHERE told_at IS NULL;
CREATE INDEX notices_age ON notices (created_at);

-- The outbox of each channel. The page is the only one there is; another channel (SMS, voice) will send from rows of its
-- own, which are written from the day on which it exists.
CREATE TABLE notice_deliveries (
    notice_id    uuid NOT NULL REFERENCES notices ON DELETE CASCADE,
    channel      text NOT NULL CHECK (channel IN ('page')),
    delivered_at timestamptz,           -- first sent to a page that was open, or fetched by one
    PRIMARY KEY (notice_id, channel)
);
CREATE INDEX notice_deliveries_due ON notice_deliveries (channel) WHERE delivered_at IS NULL;

CREATE TABLE notice_orders (
    order_id uuid PRIMARY KEY,
    version  integer NOT NULL,          -- the last one from which somebody was told: older ones are ignored
    known    jsonb NOT NULL,            -- who was told which worker and which time, for each visit
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 70);
CREATE INDEX notice_orders_age ON notice_orders (at);

-- How long things wait and are kept; one row.
CREATE TABLE notice_terms (
    only_one      boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    tolerance     interval NOT NULL DEFAULT '15 minutes',  -- a begin that moves by less is not told
    looking_hold  interval NOT NULL DEFAULT '3 minutes',   -- somebody else may have agreed by then
    waits_hold    interval NOT NULL DEFAULT '10 minutes',  -- before a person is asked to look
    late_after    interval NOT NULL DEFAULT '1 minute',    -- done offline: what followed it may be here in a moment
    late_hold     interval NOT NULL DEFAULT '5 seconds',
    read_kept     interval NOT NULL DEFAULT '90 days',
    unread_kept   interval NOT NULL DEFAULT '365 days'
);
INSERT INTO notice_terms DEFAULT VALUES;

CREATE FUNCTION notice_rings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('notices', NEW.account_id::text);
    RETURN NULL;
END $$;
CREATE TRIGGER told_at_once AFTER INSERT ON notices
    FOR EACH ROW WHEN (NEW.told_at IS NOT NULL) EXECUTE FUNCTION notice_rings();
CREATE TRIGGER told_later AFTER UPDATE OF told_at, read_at ON notices
    FOR EACH ROW WHEN (NEW.told_at IS NOT NULL) EXECUTE FUNCTION notice_rings();
