"""The files of queries, read: each begins with a line `-- rule NAME: PROMISE`."""

import re
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent
_RULE = re.compile(r"^-- rule (\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    promise: str
    sql: bytes


def preface() -> bytes:
    """To be run before the rules."""
    return _RULE.split(_read("rules"))[0].encode()


def rules(name: str = "rules") -> list[Rule]:
    _, *parts = _RULE.split(_read(name))
    return [
        Rule(name, promise, sql.strip().encode())
        for name, promise, sql in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def _read(name: str) -> str:
    return (_HERE / f"{name}.sql").read_text(encoding="utf-8")
