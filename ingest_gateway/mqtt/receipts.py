"""Receipts and commands as the device reads them (`wire.md`, Receipt and Command)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from contracts.downlink import CommandDue, Receipt
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


def payloads(receipts: Sequence[Receipt]) -> Iterator[bytes]:
    """Split into messages that are small enough for a device to read."""
    for start in range(0, len(receipts), RECEIPTS_A_MESSAGE):
        yield payload(receipts[start : start + RECEIPTS_A_MESSAGE])


def payload(receipts: Iterable[Receipt]) -> bytes:
    return _json([_receipt(receipt) for receipt in receipts])


def _receipt(receipt: Receipt) -> dict[str, Any]:
    # `id` is always there, even when null; the other fields only when they have a value.
    words: dict[str, Any] = {"id": receipt.id, "status": receipt.status, "at": rfc3339(receipt.at)}
    extra = {"case_id": receipt.case_id, "code": receipt.code, "detail": receipt.detail}
    return words | {name: value for name, value in extra.items() if value is not None}


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


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
