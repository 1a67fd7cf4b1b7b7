"""The cases that nobody has taken, of the whole city: what the operations page counts."""

from dataclasses import dataclass

from services.db.pool import Connection

_WAITING = """
SELECT count(*) AS cases,
       coalesce(extract(epoch FROM clock_timestamp()
                - min(CASE WHEN first_claimed_at IS NULL THEN opened_at ELSE rang_at END)), 0)::float8 AS oldest_seconds
  FROM alarm_cases WHERE state = 'open' AND NOT worklist
"""
"""A person who presses again makes it ring again, but has waited since the first press."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    cases: int
    oldest_seconds: float
    """0: none waits."""


async def waiting(tx: Connection) -> Waiting:
    row = await (await tx.execute(_WAITING)).fetchone()
    assert row is not None
    return Waiting(**row)
