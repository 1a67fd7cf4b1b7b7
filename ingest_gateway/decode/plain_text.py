"""Lines of names and values, `hr=70,fall=0`, and tables under a row of names: as text, and as arrays of JSON."""

import re
from typing import Any

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
_VITALS = frozenset((
    *("hr", "heartrate", "bpm", "pulse", "spo2", "sbp", "dbp", "systolicbp", "diastolicbp", "bloodpressure", "bp"),
    *("temp", "temperature", "bodytemperature", "respiratoryrate", "battery", "bat", "signal", "worn", "motion"),
    *("心率", "血氧", "血压", "体温", "电量"),
))  # fmt: skip
"""One of these beside an alarm may say of what it is; two are names of columns as well."""
_COLUMNS, _ROWS = ("columns", "fields", "header", "headers", "names", "keys"), ("values", "rows", "data", "points")


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
    """Of a single line. What begins with an alarm may be a message: `SOS,imei`; not with two columns behind it."""
    if any(" " in name for name in names) or len(set(names)) < len(names):
        return False
    of_columns, of_vitals = (sum(folded(name) in known for name in names) for known in (_NEVER_ALARMS, _VITALS))
    return of_columns + of_vitals >= 2 or (of_columns == 1 and flag_named(names[0]) is None)


def are_columns(items: list[Any]) -> bool:
    """`["time", "hr", "fall"]`: an array of names alone, which tells of nothing that has happened."""
    names = [item for item in items if isinstance(item, str) and item and not item[:1].isdigit()]
    return 2 <= len(names) == len(items) and _is_head(names)


def records_of(table: Any) -> list[dict[str, Any]] | None:
    """`[["time", "fall"], [1, 0]]`, `{"columns": ["time", "fall"], "values": [[1, 0]]}` → a record for each row; None
    of what is no table."""
    if isinstance(table, dict):
        columns, rows = ([], []) if None in (keys := keys_of_table(table)) else (table[key] for key in keys)
        are_names = bool(columns) and all(isinstance(name, str) for name in columns)
    else:
        columns, rows = (table[0], table[1:]) if isinstance(table, list) and len(table) > 1 else (None, None)
        are_names = isinstance(columns, list) and are_columns(columns)
    if not are_names or not rows or columns is None:
        return None
    if not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        return None
    return [dict(zip(columns, row, strict=True)) for row in rows]


def keys_of_table(record: dict[str, Any]) -> tuple[str | None, str | None]:
    """Where its columns stand, and its rows; None where there are none."""
    columns, rows = (
        next((key for key in keys if isinstance(record.get(key), list)), None) for keys in (_COLUMNS, _ROWS)
    )
    return columns, rows


def _bare(cell: str) -> str:
    return cell.strip(" \"'")
