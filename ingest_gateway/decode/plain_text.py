"""Messages that are no JSON but lines of names and values: `hr=70,fall=0`, or a table under a row of names."""

import re

_PAIR = re.compile(r"([\w.\-]{1,48})[\"']?\s*[=:]\s*[\"']?([^\s,;&|\"'=:]{0,32})")
_UNSET = frozenset((
    *("0", "0i", "0.0", "false", "f", "off", "no", "none", "null", "n", "ok", "normal", "idle", "正常", "否"),
))  # fmt: skip
_CELLS = re.compile(r"[,;\t|]")
_OF_TIME = frozenset(("time", "timestamp", "ts", "date", "datetime", "时间", "日期"))


def without_unset(text: str) -> str:
    """Without what it says is not so, so that a name that is left is worth a look."""
    return _PAIR.sub(_kept, "\n".join(_rows(text)))


def _kept(pair: re.Match[str]) -> str:
    return "" if pair[2].lower() in _UNSET else pair[0]


def _rows(text: str) -> list[str]:
    """A table as pairs, row by row; other text as it is."""
    lines = text.strip().splitlines()
    names = [name.strip(" \"'") for name in _CELLS.split(lines[0])] if lines else []
    if len(names) < 2 or any(name[:1].isdigit() or "=" in name for name in names):
        return lines
    rows = [_CELLS.split(line) for line in lines[1:] if line.strip()]
    if any(len(row) != len(names) for row in rows) or not (rows or _OF_TIME.intersection(map(str.lower, names))):
        return lines
    return [f"{name}={cell.strip()}" for row in rows for name, cell in zip(names, row, strict=True)]
