-- Months whose figures are a simulated history (`yian sim history`): pages and exports say so.
CREATE TABLE simulated_months (
    month   date PRIMARY KEY,             -- its first day
    seed    integer NOT NULL,
    elders  integer NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
