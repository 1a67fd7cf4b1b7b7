"""Who is read next: of those that wait, each device in turn, and only a few milliseconds' worth at once. Pure."""

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
        """Whether there was room: a device that is not read as fast as it sends is not read altogether."""
        queue = self._waiting.setdefault(device_id, deque())
        if len(queue) >= WAITING_MESSAGES:
            return False
        queue.append((size, item))
        return True

    def take(self) -> list[_T]:
        """One of each device, and again, until it is a turn's worth; at least one."""
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
