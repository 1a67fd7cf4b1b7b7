"""Figures against their targets. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bench.tables import percentile

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    what: str
    at_most: float
    unit: str


PLACE = Target("an order placed, p99", 50.0, "ms")
PROPOSED = Target("dispatch has proposed who comes, p99", 1000.0, "ms")
LIVE = Target("a worker's move on the family's page, p99", 300.0, "ms")
SLOTS = Target("times that can be served, p99", 150.0, "ms")
SOS = Target("SOS on screen, p99 beside orders / without", 1.2, "times")


def judged(target: Target, value: float) -> Row:
    """What cannot be measured is not held."""
    return {
        "what": target.what,
        "measured": value,
        "at most": target.at_most,
        "unit": target.unit,
        "verdict": "held" if value <= target.at_most else "NOT HELD",
    }


def of_all(spent_ms: Sequence[float], asked: int, share: float) -> float:
    """The percentile of all that were asked for: who never had an answer has waited without end."""
    return percentile([*spent_ms, *[math.inf] * (asked - len(spent_ms))], share)


def spread(what: str, spent_ms: Sequence[float], asked: int | None = None) -> Row:
    asked = len(spent_ms) if asked is None else asked
    return {
        "what": what,
        "asked": asked,
        "answered": len(spent_ms),
        "p50 ms": of_all(spent_ms, asked, 0.5),
        "p95 ms": of_all(spent_ms, asked, 0.95),
        "p99 ms": of_all(spent_ms, asked, 0.99),
        "max ms": max(spent_ms, default=math.nan),
    }


def ratio(beside: Sequence[float], without: Sequence[float], share: float) -> float:
    return percentile(beside, share) / percentile(without, share)
