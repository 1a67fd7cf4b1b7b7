"""What was tolerated while one event was read."""

from typing import Any

import msgspec

from contracts.device_event import Remark
from contracts.remarks import RemarkCode
from ingest_gateway.decode.text import clean, storable

MAX_SENT = 160
_encode = msgspec.json.Encoder().encode


class Noted:
    """Each code once, with the first value it was said of."""

    __slots__ = ("_remarks",)

    def __init__(self, before: tuple[Remark, ...] = ()) -> None:
        self._remarks: dict[str, Remark] = {remark.code: remark for remark in before} if before else {}

    def add(self, code: RemarkCode, sent: Any = None) -> None:
        if code not in self._remarks:
            self._remarks[code] = Remark(code=code.value, sent=shown(sent))

    def told(self) -> tuple[Remark, ...]:
        return tuple(self._remarks.values())


def shown(sent: Any) -> str | None:
    """The raw value, shortened: for people who look for the fault."""
    if sent is None:
        return None
    if not isinstance(sent, str):
        sent = _encode(storable(sent)).decode()
    return clean(sent if len(sent) <= MAX_SENT else sent[:MAX_SENT] + "…")
