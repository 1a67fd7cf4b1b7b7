-- A notice may be about a recurring order: a visit that could not be booked, a price that will change.

ALTER TABLE notices ALTER COLUMN order_id DROP NOT NULL;
ALTER TABLE notices ADD COLUMN series_id uuid;
