"""Topics of the wire: which device a message is from, and which lane it uses. The topic decides, not the payload."""

import re
from dataclasses import dataclass
from typing import Literal

Lane = Literal["event", "telemetry", "status", "other"]
UP_EVENT = "yian/v1/+/up/event"
EVERY_UP = "yian/v1/+/up/#"
"""The wire's three topics, and others that firmware uses by mistake: MQTT has no filter for “all topics but one”."""

_TOPIC = re.compile(r"yian/v1/([A-Za-z0-9][A-Za-z0-9_-]{2,63})/up(?:/(.*))?", re.DOTALL)
_LANES: dict[str, Lane] = {"event": "event", "telemetry": "telemetry", "status": "status"}
_REMEMBERED = 100_000

PROBES = "yian/v1/yian.gateway/up/event"
"""Where gateways send their probes, among the events; the dot keeps it from being a device's topic."""


def down(device_id: str, what: Literal["receipt", "command"]) -> str:
    return f"yian/v1/{device_id}/down/{what}"


@dataclass(frozen=True, slots=True)
class Route:
    device_id: str
    lane: Lane
    topic: str
    """Below `up/`."""


_OWN = Route("yian.gateway", "event", "event")


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
                return _OWN if topic == PROBES else None
            below = match[2] or ""
            route = Route(match[1], _LANES.get(below, "other"), below)
            if route.lane != "other":  # of these a device can invent any number
                self._remember(topic, route)
        return route

    def _remember(self, topic: str, route: Route) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[topic] = route
