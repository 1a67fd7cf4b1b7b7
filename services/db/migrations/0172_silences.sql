-- Of whom it was told that she is silent, once a day.
CREATE TABLE silences_told (
    elder_id uuid NOT NULL REFERENCES elders ON DELETE CASCADE,
    day      date NOT NULL,
    told_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (elder_id, day)
);
