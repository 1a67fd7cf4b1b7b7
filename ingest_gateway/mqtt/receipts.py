"""Receipts and commands as the device reads them (`wire.md`, Receipt and Command)."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from contracts.downlink import CommandDue, Receipt, ReceiptStatus
from contracts.envelope import SPECVERSION
from ingest_gateway.decode.rejection import Rejection
from ingest_gateway.flood.pace import Happening

RECEIPTS_A_MESSAGE = 128
"""Keeps a message below 64 KiB, whatever the receipts say."""


def accepted(event: Happening, at: datetime) -> Receipt:
    """The receipt to send once the event is stored."""
    return Receipt(id=event.event_id, status="accepted", at=at)


def rejected(rejections: Iterable[Rejection], at: datetime) -> list[Receipt]:
    return [Receipt(id=bad.id, status="rejected", at=at, code=bad.code, detail=bad.detail) for bad in rejections]


class _Entry(msgspec.Struct, omit_defaults=True):
    """`id` is always there, even when null; the other fields only when they have a value."""

    id: str | None
    status: ReceiptStatus
    at: str
    case_id: str | None = None
    code: str | None = None
    detail: str | None = None


_json = msgspec.json.Encoder().encode


def payloads(receipts: Sequence[Receipt]) -> list[bytes]:
    """Split into messages that are small enough for a device to read."""
    starts = range(0, len(receipts), RECEIPTS_A_MESSAGE)
    return [payload(receipts[start : start + RECEIPTS_A_MESSAGE]) for start in starts]


def payload(receipts: Iterable[Receipt]) -> bytes:
    return _json([_Entry(r.id, r.status, rfc3339(r.at), r.case_id, r.code, r.detail) for r in receipts])


def command_payload(command: CommandDue, at: datetime) -> bytes:
    event = {
        "specversion": SPECVERSION,
        "id": command.command_id,
        "source": command.SOURCE,
        "type": command.type,
        "time": rfc3339(at),
        "expires_at": rfc3339(command.expires_at),
        "data": command.data,
    }
    return _json(event)


def rfc3339(at: datetime) -> str:
    """UTC, milliseconds: what small firmware can parse."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
