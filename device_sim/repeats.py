"""When an event is sent again. Pure: times are seconds of any steady clock."""

from dataclasses import dataclass

GIVE_UP_AFTER_S = 72 * 3600.0
_WAITS_S = (5.0, 10.0, 20.0, 40.0)
_THEN_EVERY_S = 60.0


def wait_after(sendings: int) -> float:
    """Seconds from the n-th sending (1 = the first) to the next one."""
    return _WAITS_S[sendings - 1] if sendings <= len(_WAITS_S) else _THEN_EVERY_S


@dataclass(slots=True)
class _Pending:
    sendings: int
    due_at: float


class Repeats:
    """The events of one device that the platform has neither accepted nor rejected."""

    def __init__(self) -> None:
        self._pending: dict[str, _Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def __contains__(self, event_id: str) -> bool:
        return event_id in self._pending

    def add(self, event_id: str, now: float) -> None:
        """Due at once."""
        self._pending.setdefault(event_id, _Pending(0, now))

    def settle(self, event_id: str) -> bool:
        """False if it was not pending (a second receipt)."""
        return self._pending.pop(event_id, None) is not None

    def due(self, now: float) -> list[str]:
        """What must be sent now, oldest first; counts it as sent."""
        sent = []
        for event_id, pending in self._pending.items():
            if pending.due_at <= now:
                pending.sendings += 1
                pending.due_at = now + wait_after(pending.sendings)
                sent.append(event_id)
        return sent

    def hurry(self, now: float) -> None:
        """After a reconnect everything is due at once; this extra sending does not lengthen the waits."""
        for pending in self._pending.values():
            pending.due_at = now
            pending.sendings = max(0, pending.sendings - 1)

    def next_at(self) -> float | None:
        return min((pending.due_at for pending in self._pending.values()), default=None)
