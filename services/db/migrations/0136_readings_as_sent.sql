-- What a device sent, where it is not what may be drawn, averaged and judged. `value` is in `unit`, as before; the three
-- are null where both are as sent. A value that was converted has what was sent beside it. A marked reading has no value,
-- so nothing that reads values (readings_hourly and readings_daily among it) can take it for one.
ALTER TABLE readings
    ADD COLUMN sent_value double precision,
    ADD COLUMN sent_unit  text,
    ADD COLUMN mark       text;  -- unit: it cannot be converted; implausible: no body has such a value
