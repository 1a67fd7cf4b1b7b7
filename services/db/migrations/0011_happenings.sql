-- What a repeat is: the same id, type and time, or without a time the same data. An id used again for something else is
-- a happening of its own. And a case of many presses counts those that have no line.

ALTER TABLE inbox
    ADD COLUMN happening text NOT NULL DEFAULT '',  -- the type and the time; '' where it is not known: any of that id
    ADD COLUMN versions  text[];                    -- data it was heard with, as digests; none: not known, it cannot grow
ALTER TABLE alarm_case_events ADD COLUMN happening text NOT NULL DEFAULT '';
ALTER TABLE device_notes
    ADD COLUMN happening text NOT NULL DEFAULT '',
    ADD COLUMN times integer NOT NULL DEFAULT 1;    -- how many the row stands for; it tells the newest of them

-- What was heard in the last days is known as what it was: a deploy neither rings it anew nor masks what comes under its
-- id. Written as services/alarms/identity.py does.
WITH heard AS (
    SELECT detail->>'device_id' AS device_id, detail->>'event_id' AS event_id, device_at,
           coalesce(detail->>'wire_type', '') AS wire_type
      FROM alarm_timeline WHERE move IN ('open', 'press')
     UNION ALL
    SELECT device_id, event_id, device_time, 'device.' || note FROM device_notes)
UPDATE inbox i
   SET happening = lower(regexp_replace(h.wire_type, '\s', '', 'g'))
                   || coalesce(' ' || (extract(epoch FROM h.device_at) * 1000000)::bigint, '')
  FROM heard h WHERE h.device_id = i.device_id AND h.event_id = i.event_id;

ALTER TABLE inbox DROP CONSTRAINT inbox_pkey, ADD PRIMARY KEY (device_id, event_id, happening);
ALTER TABLE alarm_case_events
    DROP CONSTRAINT alarm_case_events_pkey, ADD PRIMARY KEY (case_id, device_id, event_id, happening);
ALTER TABLE device_notes
    DROP CONSTRAINT device_notes_pkey, ADD PRIMARY KEY (device_id, event_id, happening, note);
DROP INDEX device_notes_recent;
CREATE INDEX device_notes_recent ON device_notes (device_id, note, recorded_at);

ALTER TABLE alarm_cases  -- presses that have no line of the timeline, since the last one that has
    ADD COLUMN counted      integer NOT NULL DEFAULT 0,
    ADD COLUMN counted_from timestamptz,
    ADD COLUMN counted_to   timestamptz;
