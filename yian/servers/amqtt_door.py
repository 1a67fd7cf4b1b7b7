"""A listener of the embedded broker: who may connect there, and what each may publish and receive, from Mosquitto's
files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from yian.servers.access import read_rules
from yian.servers.passwords import password_matches, read_password_file

MAX_SUBSCRIPTIONS = 32
MAX_RETAINED_TOPICS = 16
MAX_WAITING = 1_000
"""Of one device: topics it may listen to, topics on which something of its own is kept, messages kept while it is away.
Mosquitto has no such bounds (docs/decisions/0015)."""


class Door:
    def __init__(self, config: Path, who: Literal["devices", "gateways"]) -> None:
        self._password_file = config / who
        self._rules = read_rules((config / f"acl-{who}").read_text().splitlines())
        self._hashes: Mapping[str, str] = {}
        self.for_devices = who == "devices"
        self.read_passwords()

    def read_passwords(self) -> None:
        self._hashes = read_password_file(self._password_file)

    def lets_in(self, user: str | None, password: str | None) -> bool:
        known = self._hashes.get(user or "")
        return known is not None and password_matches(password or "", known)

    def allows(self, user: str, wanted: Literal["read", "write"], topic: str) -> bool:
        """`topic`: to be written; or a filter, to be read, `$share/group/` before it or not."""
        if wanted == "write" and (not topic or topic.startswith("$") or set("+#\0") & set(topic)):
            return False
        return any(rule.allows(user, wanted, unshared(topic)) for rule in self._rules)


def unshared(topic_filter: str) -> str:
    return topic_filter.split("/", 2)[-1] if topic_filter.startswith("$share/") else topic_filter
