-- The alarms processes share the partitions of the bus, and each of them may hang by itself: a probe passes through every
-- partition. The table of before (alarm_path_probes) is left to processes of the release before.

CREATE TABLE alarm_path_arrivals (  -- the last probe of each gateway that became a row, by partition
    gateway_id text NOT NULL,
    partition  integer NOT NULL,
    probe_id   text NOT NULL,
    sent_at    timestamptz NOT NULL,  -- the gateway's clock
    worker_at  timestamptz NOT NULL,  -- the worker's clock
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (gateway_id, partition)
) WITH (fillfactor = 50);
