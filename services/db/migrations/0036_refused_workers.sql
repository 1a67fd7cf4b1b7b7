-- Whom an elder never wants at the door again. Taken back, the row is gone; the audit keeps both.

CREATE TABLE refused_workers (
    elder_id  uuid NOT NULL REFERENCES elders,
    worker_id uuid NOT NULL REFERENCES workers,
    said_by   uuid NOT NULL REFERENCES accounts,
    said_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (elder_id, worker_id)
);
CREATE TRIGGER audited AFTER INSERT OR DELETE ON refused_workers
    FOR EACH ROW EXECUTE FUNCTION audit_write('elder_id');
