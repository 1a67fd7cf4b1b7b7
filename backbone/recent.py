"""A bounded memory of devices: when it is full, the device that has been silent for longest is forgotten first."""

from collections.abc import Callable
from typing import Generic, TypeVar

_T = TypeVar("_T")
DEVICES = 20_000


class Recent(Generic[_T]):
    def __init__(self, make: Callable[[], _T], *, at_most: int = DEVICES) -> None:
        self._make = make
        self._at_most = at_most
        self._known: dict[str, _T] = {}

    def of(self, device_id: str) -> _T:
        """What is remembered of it; made now if there was nothing."""
        found = self._known.pop(device_id, None)
        if found is None:
            if len(self._known) >= self._at_most:
                del self._known[next(iter(self._known))]
            found = self._make()
        self._known[device_id] = found
        return found
