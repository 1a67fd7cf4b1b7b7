"""Topics of the wire: who speaks, and on which lane. The topic, not the payload, says who."""

import re
from dataclasses import dataclass
from typing import Literal

Lane = Literal["event", "telemetry", "status"]

_TOPIC = re.compile(r"yian/v1/([A-Za-z0-9][A-Za-z0-9_-]{2,63})/up/(event|telemetry|status)")
_REMEMBERED = 100_000


def up(lane: Lane) -> str:
    return f"yian/v1/+/up/{lane}"


def down(device_id: str, what: Literal["receipt", "command"]) -> str:
    return f"yian/v1/{device_id}/down/{what}"


@dataclass(frozen=True, slots=True)
class Route:
    device_id: str
    lane: Lane


class Routes:
    """Remembers the topics it has seen: a look-up costs a tenth of a match."""

    def __init__(self) -> None:
        self._known: dict[str, Route] = {}

    def of(self, topic: str) -> Route | None:
        """None when the topic does not name a device as the wire allows it."""
        route = self._known.get(topic)
        if route is None:
            match = _TOPIC.fullmatch(topic)
            if match is None:
                return None
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            lane: Lane = match[2]  # type: ignore[assignment]  # the pattern has these three only
            route = self._known[topic] = Route(match[1], lane)
        return route
