-- Who registered an elder over HTTP, and with which request: the same one sent again registers nobody twice.

ALTER TABLE elders
    ADD COLUMN registered_by   uuid REFERENCES accounts,  -- none: founded from the command line
    ADD COLUMN idempotency_key text,
    ADD COLUMN request_digest  bytea;                     -- keyed, like the blind index: the request cannot be guessed
CREATE UNIQUE INDEX elders_registered_once ON elders (registered_by, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
