"""What a writer tells the database of devices now and then: that they spoke, and how far their vitals have come."""

from collections.abc import Callable, Collection
from datetime import datetime
from functools import lru_cache

from services.telemetry.model import Moment
from services.telemetry.moments import heard_in
from services.telemetry.rules import moment_at
from services.telemetry.store_moments import HEARD_EVERY_US

SEEN_EVERY_SECONDS = 60.0
"""How old `device_states.last_seen_at` may be: one row a minute for each device is what the load allows."""
_SETS_REMEMBERED = 4_096
Names = frozenset[str]
_NOTHING: tuple[int, Names] = (0, frozenset())


class Seen:
    """Which devices spoke, told to the database at most once a minute each."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._now = monotonic()
        self._told_at: dict[str, float] = {}
        """Of every device: to look through them for old ones would cost more than a batch does."""
        self._due: dict[str, tuple[int, float | None]] = {}

    def begin(self) -> None:
        """A batch begins; it has one time."""
        self._now = self._monotonic()

    def is_told(self, device_id: str) -> bool:
        return self._now - self._told_at.get(device_id, -SEEN_EVERY_SECONDS) < SEEN_EVERY_SECONDS

    def note(self, device_id: str, received_us: int, battery: float | None) -> None:
        """Of a device that is not told."""
        at, known = self._due.get(device_id, (received_us, None))
        self._due[device_id] = (max(at, received_us), known if battery is None else battery)

    def due(self) -> dict[str, tuple[datetime, float | None]]:
        return {device: (moment_at(us), battery) for device, (us, battery) in self._due.items()}

    def told(self) -> None:
        """`due` is in the database."""
        self._told_at |= dict.fromkeys(self._due, self._now)
        self._due.clear()


class Heard:
    """How far the vitals of each device have come, told at most once an hour (`vitals_heard`).

    Of each device one time is remembered and the names it holds for: what is told is never later than the latest, and
    the latest is never more than an hour later than what was told.
    """

    def __init__(self) -> None:
        self._told: dict[bool, dict[str, tuple[int, Names]]] = {False: {}, True: {}}
        """Marked or not → device → time and names."""
        self._due: dict[tuple[str, bool], dict[str, int]] = {}

    def begin(self) -> None:
        """What was not told is forgotten: its batch was not kept."""
        self._due.clear()

    def note(self, moment: Moment) -> None:
        shown, marked = heard_in(moment)
        told_us, told = self._told[False].get(moment.device_id, _NOTHING)
        if moment.time_us - told_us > HEARD_EVERY_US or not told.issuperset(shown):
            self._add((moment.device_id, False), moment.time_us, shown)
        if marked:
            told_us, told = self._told[True].get(moment.device_id, _NOTHING)
            if moment.time_us - told_us > HEARD_EVERY_US or not told.issuperset(marked):
                self._add((moment.device_id, True), moment.time_us, marked)

    def _add(self, of: tuple[str, bool], time_us: int, names: Collection[str]) -> None:
        due = self._due.setdefault(of, {}) if names else {}
        for name in names:
            due[name] = max(time_us, due.get(name, 0))

    def due(self) -> dict[tuple[str, bool], dict[str, int]]:
        return self._due

    def told(self) -> None:
        """`due` is in the database."""
        for (device_id, marked), names in self._due.items():
            told_us, told = self._told[marked].get(device_id, _NOTHING)
            oldest, new = min(names.values()), frozenset(names)
            if oldest - told_us <= HEARD_EVERY_US:
                oldest, new = min(oldest, told_us), told | new
            self._told[marked][device_id] = (oldest, _same(new))
        self._due.clear()


@lru_cache(_SETS_REMEMBERED)
def _same(names: Names) -> Names:
    """One object for all devices that send the same."""
    return names
