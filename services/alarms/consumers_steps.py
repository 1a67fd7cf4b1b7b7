"""Steps of escalation plans become lines of the case, so that every console shows them. A group of its own."""

from backbone import dead_letters
from backbone.bus import Bus, Delivered
from backbone.consume import Consumer
from contracts.response import StepTaken
from contracts.topics import RESPONSE
from services.alarms import handlers
from services.alarms.model import Escalation
from services.db import inbox
from services.db.pool import Database, DatabaseUnreachable
from services.db.ringing import will_ring

GROUP = "escalations"
READER = "bus:escalations"
"""In the inbox; no device has a name like this."""

REACHES: dict[str, Escalation] = {
    "second_operator": Escalation.SECOND_OPERATOR,
    "supervisor": Escalation.SUPERVISOR,
}


class StepConsumer:
    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus

    def loop(self) -> Consumer:
        return Consumer(
            self._bus,
            [RESPONSE],
            group=GROUP,
            handle=self.handle,
            set_aside=dead_letters.set_aside(self._bus),
            transient=(DatabaseUnreachable,),
        )

    async def handle(self, records: list[Delivered]) -> None:
        """Each in a transaction of its own: the row of a case is not kept from its operator for the others."""
        for record in records:
            if record.headers.get("ce_type") != StepTaken.TYPE:
                continue
            step = StepTaken.read(record.value)
            if step.after_seconds > 0:  # what is done at the opening makes no second line of it
                await self._one(record.headers.get("ce_id", ""), step)

    async def _one(self, event_id: str, step: StepTaken) -> None:
        async with self._db.transaction() as tx:
            if await inbox.taken_at(tx, READER, event_id) is None:
                return
            await will_ring(tx)
            reached = REACHES.get(step.who) if step.during == "unclaimed" else None
            await handlers.escalate(tx, step.case_id, reached=reached, detail=_detail(step))


def _detail(step: StepTaken) -> dict[str, object]:
    return {
        "who": step.who, "channel": step.channel, "number": step.number, "during": step.during,
        "after_seconds": step.after_seconds, "taken_at": step.at.isoformat(),
    }  # fmt: skip
