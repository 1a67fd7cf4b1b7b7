-- Which process plans an area (county), said by itself when the bus has given it the area's partition.

CREATE TABLE planning_areas (
    area     text PRIMARY KEY,
    base_url text,                       -- where it answers inside the installation; none: it has given the area back
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    epoch    bigint NOT NULL DEFAULT 1   -- grows with each claim: of two who believe they plan it, the newer one does
);
