-- Photos of elders, as this platform made them anew from what was uploaded: no byte of an uploaded file is kept.

CREATE TABLE elder_photos (
    elder_id uuid PRIMARY KEY REFERENCES elders ON DELETE CASCADE,
    digest   text NOT NULL,   -- of `large`: the page's address of the photo changes with it
    large    bytea NOT NULL,  -- JPEG
    small    bytea NOT NULL,  -- JPEG
    set_at   timestamptz NOT NULL DEFAULT clock_timestamp()
);
ALTER TABLE elder_photos ALTER COLUMN large SET STORAGE EXTERNAL;  -- JPEG does not become smaller
ALTER TABLE elder_photos ALTER COLUMN small SET STORAGE EXTERNAL;

-- What a profile says of its photo; the audit of elders tells who set it. Nothing has ever written a photo_url.
ALTER TABLE elders ADD COLUMN photo_digest text;
ALTER TABLE elders DROP COLUMN photo_url;
