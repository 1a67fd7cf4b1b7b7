"""Messages that are no JSON but lines of names and values: `hr=70,fall=0`, or a table under a row of names."""

import re

from ingest_gateway.decode.text import folded
from ingest_gateway.decode.words import flag_named

_PAIR = re.compile(
    r"([\w.\-]{1,48})[\"']?\s*[=:]\s*[\"']?"
    r"(?!no\s+\w+\b(?![\"']?\s*[=:]))"  # `fall: no response` is no `fall: no`
    r"([^\s,;&|\"'=:]{0,32})",
    re.IGNORECASE,
)
_UNSET = frozenset((
    *("0", "0i", "0.0", "false", "f", "off", "no", "none", "null", "n", "ok", "normal", "idle", "正常", "否"),
))  # fmt: skip
_CELLS = re.compile(r"[,;\t|]")
_NEVER_ALARMS = frozenset((
    *("time", "timestamp", "ts", "date", "datetime", "时间", "日期", "id", "imei", "mac", "deviceid", "steps", "步数"),
    *("lat", "latitude", "lon", "lng", "longitude", "rssi"),
))  # fmt: skip
"""Where one of these stands among names, the others name columns too."""


def without_unset(text: str) -> str:
    """Without what it says is not so, so that a name that is left is worth a look."""
    return _PAIR.sub(_kept, "\n".join(_rows(text)))


def _kept(pair: re.Match[str]) -> str:
    return "" if pair[2].lower() in _UNSET else pair[0]


def names_set(text: str) -> str:
    """What a table says is so, and its words; other text as it is."""
    cells = _table(text)
    return text if cells is None else "\n".join(f"{name}\n{cell}" for name, cell in cells if cell.lower() not in _UNSET)


def _rows(text: str) -> list[str]:
    """A table as pairs; other text as it is."""
    cells = _table(text)
    return text.strip().splitlines() if cells is None else [f"{name}={cell}" for name, cell in cells]


def _table(text: str) -> list[tuple[str, str]] | None:
    """(name of the column, cell), row by row; None of what is no table."""
    lines = text.strip().splitlines()
    names = [_bare(name) for name in _CELLS.split(lines[0])] if lines else []
    if len(names) < 2 or any(name[:1].isdigit() or "=" in name for name in names):
        return None
    rows = [_CELLS.split(line) for line in lines[1:] if line.strip()]
    if any(len(row) != len(names) for row in rows) or not (rows or _is_head(names)):
        return None
    return [(name, _bare(cell)) for row in rows for name, cell in zip(names, row, strict=True)]


def _is_head(names: list[str]) -> bool:
    """Of a single line. What begins with an alarm may be a message: `SOS,imei`."""
    only_names = not any(" " in name for name in names) and flag_named(names[0]) is None
    return only_names and not _NEVER_ALARMS.isdisjoint(map(folded, names))


def _bare(cell: str) -> str:
    return cell.strip(" \"'")
