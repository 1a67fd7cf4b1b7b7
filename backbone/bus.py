"""The bus: how facts are carried between processes.

Two implementations, one contract suite (tests/contract/test_bus.py).

Promises, whatever carries it:
- `publish` returns only when every record is durable; on an error the caller must assume nothing and publish again.
- Records of one key come out in the order they were published, as long as the publisher awaits each publish.
- A group gets every record at least once: what was fetched but not committed comes again after a crash.
- A subscription without a group sees what is published after it was opened, and keeps no position.
- An outage heals by itself: the same Bus and the same Subscription go on once the server is back.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from contracts.topics import Topic


class BusUnavailable(Exception):
    """The bus cannot be reached or does not answer now. Nothing may be assumed of the call; try again."""


class UnknownTopic(BusUnavailable):
    """The topic has not been created: `yian migrate` does it."""


@dataclass(frozen=True, slots=True)
class Record:
    """Key and headers are text without NUL and lone surrogates: both are checked before anything is sent."""

    topic: str
    value: bytes
    key: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    partition: int | None = None
    """One of `Bus.partitions_of`, for what must pass through a certain one; None: by its key."""


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
    """For one caller at a time: its methods are not to be awaited side by side."""

    async def fetch(self, *, max_records: int = 500, wait_seconds: float = 1.0) -> list[Delivered]:
        """The next records, as soon as there is one; empty after `wait_seconds`.

        :raises BusUnavailable: and the next call goes on from where it stood.
        """

    async def commit(self) -> None:
        """Everything fetched so far is done with. No effect without a group.

        :raises BusUnavailable: then it may come again; also when another member has taken over meanwhile.
        """

    async def rewind(self) -> None:
        """Go back to the last commit: what was fetched since comes again. No effect without a group."""

    def holds(self, topic: Topic, key: str) -> bool:
        """Whether this member gets the records of this key now; without a group: always."""

    async def lag(self) -> int:
        """Records published and not yet committed by this group (without one: not yet fetched), of what is held."""

    async def close(self) -> None: ...


class Bus(Protocol):
    async def publish(self, records: Sequence[Record]) -> None:
        """Durable when it returns.

        :raises BusUnavailable: when the bus did not confirm in time.
        :raises ValueError: when a key or header is not plain text; nothing was sent then.
        """

    async def subscribe(self, topics: Sequence[Topic], *, group: str | None) -> Subscription:
        """With a group: from its last commit, at first from the beginning. Without: from now on.

        :raises BusUnavailable: when the bus does not answer now.
        :raises UnknownTopic: when one of the topics has not been created.
        """

    async def partitions_of(self, topic: Topic) -> list[int]:
        """The parts of a topic that may be read by different members of a group.

        :raises BusUnavailable: when the bus does not answer now, and it is not known yet.
        """

    async def create_topics(self, topics: Sequence[Topic]) -> None:
        """Idempotent; part of `yian migrate`."""

    async def ping(self) -> None:
        """:raises BusUnavailable: when the bus does not answer."""

    async def close(self) -> None: ...


def check_text(records: Sequence[Record]) -> None:
    """:raises ValueError: when a key or a header could not be carried by every implementation."""
    for record in records:
        texts = list(record.headers.values())
        texts += record.headers
        if record.key is not None:
            texts.append(record.key)
        joined = "".join(texts)
        if joined.isascii() and "\x00" not in joined:
            continue
        if "\x00" in joined:
            raise ValueError(f"a key or header of a record for {record.topic} holds a NUL")
        joined.encode()  # UnicodeEncodeError, a ValueError, on a lone surrogate
