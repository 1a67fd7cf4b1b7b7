"""Limits how many unreadable messages of one device are stored: the first of an hour whole, the others only as a count.

Without a limit, dead letters of 60 KB, 200 a second, would be a terabyte a day. Counts are written once a minute, as a
letter of their own; a process that is killed loses the counts of its last minute.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from backbone.dead_letters import letter_id
from backbone.recent import Recent
from contracts.dead_letter import Counted, DeadLetter

WHOLE_LETTERS = 20
WHOLE_BYTES = 1024 * 1024
WHOLE_SECONDS = 3600.0
TELL_SECONDS = 60.0
DIGESTS = 20


@dataclass(slots=True)
class _Hour:
    """What was stored whole of one device."""

    began: float
    letters: int = 0
    bytes: int = 0


@dataclass(slots=True)
class _Count:
    began: float
    first_at: datetime
    last_at: datetime
    letters: int = 0
    bytes: int = 0
    digests: dict[str, None] = field(default_factory=dict)


class LetterBounds:
    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._hours = Recent(lambda: _Hour(monotonic()))
        self._counts: dict[tuple[str, str, str], _Count] = {}
        """(device, lane, code) → the count still to be written."""

    def admit(self, letter: DeadLetter) -> bool:
        """Whether to store it whole. If not, it has been counted."""
        hour, now, size = self._hours.of(letter.device_id), self._monotonic(), len(letter.payload)
        if now - hour.began >= WHOLE_SECONDS:
            hour.began, hour.letters, hour.bytes = now, 0, 0
        if hour.letters < WHOLE_LETTERS and hour.bytes + size <= WHOLE_BYTES:
            hour.letters += 1
            hour.bytes += size
            return True
        self.count(letter.device_id, letter.lane, letter.code, letter.payload, letter.received_at)
        return False

    def count(self, device_id: str, lane: str, code: str, payload: bytes, at: datetime) -> None:
        of = (device_id, lane, code)
        count = self._counts.get(of)
        if count is None:
            count = self._counts[of] = _Count(self._monotonic(), at, at)
        count.letters += 1
        count.bytes += len(payload)
        count.last_at = max(count.last_at, at)
        if len(count.digests) < DIGESTS:
            count.digests[letter_id(lane, device_id, payload)] = None

    def due(self, *, all_of_them: bool = False) -> list[DeadLetter]:
        """Letters with the counts that are a minute old; each count is written once."""
        now = self._monotonic()
        due = [of for of, count in self._counts.items() if all_of_them or now - count.began >= TELL_SECONDS]
        return [_letter(*of, self._counts.pop(of)) for of in due]


def _letter(device_id: str, lane: str, code: str, count: _Count) -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id(f"{lane} {code}", device_id, count.first_at.isoformat().encode()),
        device_id=device_id,
        lane=lane,
        code=code,
        detail=f"{count.letters} more, {count.bytes} bytes in all, were counted and not kept",
        received_at=count.first_at,
        payload=b"",
        counted=Counted(
            letters=count.letters,
            bytes=count.bytes,
            first_at=count.first_at,
            last_at=count.last_at,
            digests=tuple(count.digests),
        ),
    )
