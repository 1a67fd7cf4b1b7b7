"""The SQL of a worker's own SOS."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.alarms.sos import device_of
from services.db.pool import Connection


@dataclass(frozen=True, slots=True)
class SosCase:
    state: Literal["raised", "answered", "closed"]
    answered_by: str | None
    located: bool


class SosStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def case_of(self, worker_id: UUID, event_id: str) -> SosCase | None:
        """The case that this call is in; None: it is still on its way."""
        cursor = await self._tx.execute(
            "SELECT c.state, c.claimed_by_name, c.first_claimed_at, c.location FROM alarm_case_events e"
            " JOIN alarm_cases c ON c.id = e.case_id WHERE e.device_id = %s AND e.event_id = %s"
            " ORDER BY e.received_at DESC LIMIT 1",
            (device_of(worker_id), event_id),
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        state: Literal["raised", "answered", "closed"] = "answered" if row["first_claimed_at"] else "raised"
        if row["state"] == "closed":
            state = "closed"
        return SosCase(state, row["claimed_by_name"], row["location"] is not None)
