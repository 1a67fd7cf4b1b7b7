"""The audit. Writes to audited tables are recorded by triggers; everything else (a reveal, a refused sign-in) is
recorded here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.db.pool import Connection


async def record(
    tx: Connection, *, actor_id: UUID | None, action: str, subject_type: str, subject_id: str, **detail: Any
) -> None:
    """In the transaction of the action that it records. `detail` holds no personal data."""
    await tx.execute(
        "INSERT INTO audit (actor_id, action, subject_type, subject_id, detail) VALUES (%s, %s, %s, %s, %s)",
        (actor_id, action, subject_type, subject_id, Jsonb(detail)),
    )


async def recorded_since(
    tx: Connection, since: datetime, *, actor_id: UUID, action: str, subject_type: str, subject_id: str
) -> bool:
    cursor = await tx.execute(
        "SELECT 1 FROM audit"
        " WHERE at >= %s AND actor_id = %s AND action = %s AND subject_type = %s AND subject_id = %s",
        (since, actor_id, action, subject_type, subject_id),
    )
    return await cursor.fetchone() is not None
