"""The fields of a JSON object under the names they should have, or under those that vendors give them."""

from typing import Any

from contracts.remarks import RemarkCode
from ingest_gateway.decode.noted import Noted
from ingest_gateway.decode.text import folded

_OF_THE_WIRE = frozenset((
    *("specversion", "id", "source", "type", "time", "data", "datacontenttype"),
    *("location", "battery_pct", "readings", "alarms", "lat", "lon", "accuracy_m", "fix", "datum"),
))  # fmt: skip
OF_EVENT = frozenset(
    ("id", "type", "specversion", "source", "time", "data", "subject", "datacontenttype", "dataschema")
)
OF_DATA = frozenset(("location", "battery_pct", "readings", "alarms"))


class Fields:
    """`ID`, `msg_id` or `messageId` for `id`: taken, and noted."""

    __slots__ = ("_by_folded", "_noted", "all", "are_right", "renamed")

    def __init__(self, fields: dict[str, Any], noted: Noted, right: frozenset[str] = _OF_THE_WIRE) -> None:
        self.all = fields
        self.are_right = right.issuperset(fields)
        """Every key is one of the wire's: none stands for another."""
        self.renamed: tuple[str, ...] = ()
        """The keys that stood for another."""
        self._noted = noted
        self._by_folded: dict[str, str] | None = None

    def get(self, name: str, others: tuple[str, ...] = ()) -> Any:
        """None when it is nowhere. :param others: further names, folded (`text.folded`), the best first."""
        if name in self.all:
            return self.all[name]
        if self.are_right or (key := self.key_of(name, others)) is None:
            return None
        self.renamed += (key,)
        self._noted.add(RemarkCode.FIELD_RENAMED, key)
        return self.all[key]

    def key_of(self, name: str, others: tuple[str, ...] = ()) -> str | None:
        if self.are_right:
            return name if name in self.all else None
        if self._by_folded is None:
            self._by_folded = {folded(key): key for key in reversed(self.all)}
        for wanted in (folded(name), *others):
            if wanted in self._by_folded:
                return self._by_folded[wanted]
        return None
