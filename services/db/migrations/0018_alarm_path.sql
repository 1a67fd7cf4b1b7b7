-- Where the probes of the alarms' path end. Both tables hold a handful of rows, written every second or two.

CREATE TABLE alarm_path_probes (  -- the last probe of each gateway that became a row
    gateway_id text PRIMARY KEY,
    probe_id   text NOT NULL,
    sent_at    timestamptz NOT NULL,  -- the gateway's clock
    worker_at  timestamptz NOT NULL,  -- the worker's clock
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);

CREATE TABLE alarm_path_writes (  -- one row: the apps see by it whether the database can write
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    at       timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
