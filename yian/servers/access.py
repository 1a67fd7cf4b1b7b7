"""Mosquitto's ACL file, read for the embedded broker: `user`, `topic` and `pattern` lines, `%u` the user name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Access = Literal["read", "write", "readwrite"]


@dataclass(frozen=True, slots=True)
class Rule:
    access: Access
    filter: str
    user: str | None
    """None: a pattern, for everyone."""

    def allows(self, user: str, wanted: Literal["read", "write"], topic: str) -> bool:
        if self.access not in (wanted, "readwrite") or self.user not in (None, user):
            return False
        return covers(self.filter.replace("%u", user), topic)


def read_rules(lines: Iterable[str]) -> list[Rule]:
    rules: list[Rule] = []
    user = ""
    for line in lines:
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        kind, *rest = words
        if kind == "user":
            user = rest[0]
            continue
        if kind not in ("topic", "pattern"):
            raise ValueError(f"ACL file: {kind!r} is not a word the embedded broker knows")
        access = rest[0] if len(rest) == 2 else "readwrite"
        if access not in ("read", "write", "readwrite"):
            raise ValueError(f"ACL file: {access!r} is not an access")
        rules.append(Rule(access, rest[-1], user if kind == "topic" else None))  # type: ignore[arg-type]
    return rules


def covers(allowed: str, asked: str) -> bool:
    """Is everything that `asked` (a topic, or a filter with wildcards) can match also matched by `allowed`?"""
    allowed_levels, asked_levels = allowed.split("/"), asked.split("/")
    for position, level in enumerate(allowed_levels):
        if level == "#":
            return True
        if position >= len(asked_levels) or asked_levels[position] == "#":
            return False
        if level not in ("+", asked_levels[position]):
            return False
    return len(allowed_levels) == len(asked_levels)
