"""Limits what one case and one person's queue can be made to hold: the first entries are kept whole, the rest is
counted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.alarm_kind import AlarmKind
from services.alarms.model import AlarmCase

WHOLE_LINES = 100
"""So many entries of a case are written without any limit. Operators' moves always have an entry."""

LINE_EVERY = timedelta(seconds=60)
"""After those, a press gets an entry and rings only if the case has not rung for so long; presses in between are
counted."""

UNKNOWN_TYPES = 5
UNKNOWN_WITHIN = timedelta(hours=1)
"""One person may have so many open cases of unknown types that were opened within this time; further types share one
case."""


@dataclass(frozen=True, slots=True)
class NoteBound:
    """At most so many notes of one kind for a device within this time; further ones are counted on the latest note."""

    notes: int
    within: timedelta


NOTES = NoteBound(100, timedelta(hours=1))
REUSED_IDS = NoteBound(1, timedelta(days=1))


def is_full(case: AlarmCase) -> bool:
    return case.version >= WHOLE_LINES


def rang_lately(case: AlarmCase, now: datetime) -> bool:
    return now - case.rang_at < LINE_EVERY


def is_only_counted(case: AlarmCase, now: datetime) -> bool:
    """Whether a press of this case gets no entry of its own now.

    A new fall after a cancelled one always gets one.
    """
    return is_full(case) and rang_lately(case, now) and case.fall_cancelled_at is None


def has_many_unknown_types(theirs: Iterable[AlarmCase], now: datetime) -> bool:
    """:param theirs: open cases of one person"""
    own = [c for c in theirs if c.kind == AlarmKind.UNKNOWN and c.join_key != str(c.kind)]
    return sum(now - case.opened_at < UNKNOWN_WITHIN for case in own) >= UNKNOWN_TYPES
