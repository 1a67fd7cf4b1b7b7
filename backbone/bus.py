"""The bus: how facts are carried between processes.

Two implementations, one contract suite (tests/contract/test_bus.py).

Promises, whatever carries it:
- `publish` returns only when every record is durable; on an error the caller must assume nothing and publish again.
- Records of one key come out in the order they were published.
- A group gets every record at least once: what was fetched but not committed comes again after a crash.
- A subscription without a group sees what is published after it was opened, and keeps no position (`start="latest"`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contracts.topics import Topic


class BusUnavailable(Exception):
    """The bus cannot be reached or does not answer now. Nothing may be assumed of the call; try again."""


@dataclass(frozen=True, slots=True)
class Record:
    topic: str
    value: bytes
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record as it came off the bus; `partition` and `offset` tell where it stands."""

    topic: str
    partition: int
    offset: int
    key: str | None
    headers: dict[str, str]
    value: bytes


class Subscription(Protocol):
    async def fetch(self, *, max_records: int = 500, wait_seconds: float = 1.0) -> list[Delivered]:
        """The next records, as soon as there is one; empty after `wait_seconds`.

        :raises BusUnavailable: and the next call goes on from where it stood.
        """

    async def commit(self) -> None:
        """Everything fetched so far is done with. No effect without a group."""

    async def rewind(self) -> None:
        """Go back to the last commit: what was fetched since comes again."""

    async def lag(self) -> int:
        """Records published and not yet committed by this group, over the partitions held."""

    async def close(self) -> None: ...


class Bus(Protocol):
    async def publish(self, records: Sequence[Record]) -> None:
        """Durable when it returns.

        :raises BusUnavailable: when the bus did not confirm in time.
        """

    async def subscribe(self, topics: Sequence[Topic], *, group: str | None) -> Subscription:
        """With a group: from its last commit, at first from the beginning. Without: from now on."""

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Idempotent; part of `yian migrate`."""

    async def ping(self) -> None:
        """:raises BusUnavailable: when the bus does not answer."""

    async def close(self) -> None: ...
