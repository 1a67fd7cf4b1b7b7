-- Photos of workers, made anew from what was uploaded like those of elders.

CREATE TABLE worker_photos (
    worker_id uuid PRIMARY KEY REFERENCES workers ON DELETE CASCADE,
    digest    text NOT NULL,   -- of `large`: the page's address of the photo changes with it
    large     bytea NOT NULL,  -- JPEG
    small     bytea NOT NULL,  -- JPEG
    set_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE worker_photos ALTER COLUMN large SET STORAGE EXTERNAL;  -- JPEG does not become smaller
ALTER TABLE worker_photos ALTER COLUMN small SET STORAGE EXTERNAL;

-- What a worker's row says of the photo; the audit of workers tells who set it.
ALTER TABLE workers ADD COLUMN photo_digest text;
