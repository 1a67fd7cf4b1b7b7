"""Commands from the platform as the firmware understands them. Pure."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Receipt = dict[str, Any]
"""`id` (or null), `status`, `at`, and with some `case_id` or `code` and `detail`."""


@dataclass(frozen=True, slots=True)
class Command:
    id: str
    kind: str
    """`config`, `locate`, `ring`, `test`, or a word this firmware does not know."""
    data: dict[str, Any]
    expires_at: datetime | None

    def expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def read_command(payload: bytes) -> Command | None:
    """None for anything that is not a command: firmware ignores what it cannot read."""
    try:
        raw = json.loads(payload)
        kind = raw["type"]
        command_id = raw["id"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(kind, str) or not kind.startswith("command.") or not isinstance(command_id, str):
        return None
    data = raw.get("data")
    data = data if isinstance(data, dict) else {}
    return Command(
        command_id,
        kind.removeprefix("command."),
        data,
        _time(raw.get("expires_at", raw.get("expiresat", data.get("expires_at")))),
    )


def _time(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return at if at.tzinfo else None


def read_receipts(payload: bytes) -> list[Receipt]:
    """The receipts of one message; what is not one is left out."""
    try:
        raw = json.loads(payload)
    except (ValueError, RecursionError):
        return []
    items = raw if isinstance(raw, list) else [raw]
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("status"), str)]
