"""What is published about a move: to everyone who follows cases, and as receipts to devices. Pure."""

from backbone.bus import Record
from contracts import topics
from contracts.alarm_case import CaseMoved
from contracts.downlink import ReceiptsDue
from contracts.envelope import as_json, headers
from services.alarms.model import Moved


def told(moved: Moved) -> Record:
    case, entry, case_id = moved.case, moved.entry, str(moved.case.id)
    fields = {  # of CaseMoved
        "move": entry.move.value,
        "at": entry.recorded_at,
        "actor_name": entry.actor.name if entry.actor else None,
        "case": {name: value for name, value in case.shown().items() if value is not None},
    }
    return Record(
        topic=topics.ALARM_CASE.name,
        key=case_id,
        headers=headers(CaseMoved.TYPE, CaseMoved.SOURCE, event_id=f"{case_id}:{case.version}", at=entry.recorded_at),
        value=as_json(fields),
    )


def owed(due: ReceiptsDue) -> Record:
    return Record(
        topic=topics.DEVICE_DOWNLINK.name,
        key=due.device_id,
        headers=headers(ReceiptsDue.TYPE, ReceiptsDue.SOURCE),
        value=due.value(),
    )
