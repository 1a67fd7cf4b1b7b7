"""The audit: what is no write to an audited table (a reveal, a refused sign-in) is recorded by hand, here."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.db.pool import Connection


async def record(
    tx: Connection, *, actor_id: UUID | None, action: str, subject_type: str, subject_id: str, **detail: Any
) -> None:
    """In the transaction of what it tells of. `detail` holds no personal data."""
    await tx.execute(
        "INSERT INTO audit (actor_id, action, subject_type, subject_id, detail) VALUES (%s, %s, %s, %s, %s)",
        (actor_id, action, subject_type, subject_id, Jsonb(detail)),
    )
