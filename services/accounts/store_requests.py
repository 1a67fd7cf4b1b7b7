"""The SQL of idempotency keys: a request that comes a second time makes nothing a second time."""

from dataclasses import dataclass
from uuid import UUID

from services.db.pool import Connection
from services.errors import KeyReused


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """Who asks for something to be made, and with which request: a repeat of it is recognised."""

    by: UUID
    key: str | None
    digest: bytes


async def made_before(tx: Connection, filed: Filed, new_id: UUID) -> UUID | None:
    """What this request made the first time. None: this is the first time, and `new_id` is kept as what it makes; the
    same request sent at the same moment waits here for the outcome. :raises KeyReused:"""
    if filed.key is None:
        return None
    cursor = await tx.execute(
        "INSERT INTO requests_done (account_id, idempotency_key, digest, made_id) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING RETURNING 1",
        (filed.by, filed.key, filed.digest, new_id),
    )
    if await cursor.fetchone():
        return None
    cursor = await tx.execute(
        "SELECT made_id, digest FROM requests_done WHERE account_id = %s AND idempotency_key = %s",
        (filed.by, filed.key),
    )
    row = await cursor.fetchone()
    assert row is not None
    if bytes(row["digest"]) != filed.digest:
        raise KeyReused
    before: UUID = row["made_id"]
    return before
