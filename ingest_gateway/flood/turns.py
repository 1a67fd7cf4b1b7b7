"""Chooses what is read next: each waiting device in turn, and only a few milliseconds' worth at once. Pure."""

from collections import deque
from typing import Generic, TypeVar

_T = TypeVar("_T")
MESSAGES_A_TURN = 64
BYTES_A_TURN = 64 * 1024
WAITING_MESSAGES = 500
"""Of one device."""


class Turns(Generic[_T]):
    def __init__(self) -> None:
        self._waiting: dict[str, deque[tuple[int, _T]]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, device_id: str, size: int, item: _T) -> bool:
        """False: no room. A device that sends faster than it can be read is not read completely."""
        queue = self._waiting.setdefault(device_id, deque())
        if len(queue) >= WAITING_MESSAGES:
            return False
        queue.append((size, item))
        return True

    def take(self) -> list[_T]:
        """One message of each device, again and again, until there is work for one turn; at least one."""
        taken: list[_T] = []
        size = 0
        while self._waiting and len(taken) < MESSAGES_A_TURN:
            device_id = next(iter(self._waiting))
            queue = self._waiting.pop(device_id)
            if taken and size + queue[0][0] > BYTES_A_TURN:
                self._waiting = {device_id: queue, **self._waiting}
                break
            one_size, item = queue.popleft()
            size += one_size
            taken.append(item)
            if queue:
                self._waiting[device_id] = queue
        return taken
