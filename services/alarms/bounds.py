"""How much one case and one person's queue can be made to hold: the first is kept whole, the rest is counted. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from contracts.alarm_kind import AlarmKind
from services.alarms.model import AlarmCase

WHOLE_LINES = 100
"""So many lines of a case are written without any bound; operators' moves have theirs always."""

LINE_EVERY = timedelta(seconds=60)
"""After them a press has a line, and rings, when the case has not rung for so long; those between are counted."""

UNKNOWN_TYPES = 5
UNKNOWN_WITHIN = timedelta(hours=1)
"""So many open cases of unknown types, opened within this, may one person have; further types share one case."""


@dataclass(frozen=True, slots=True)
class NoteBound:
    """At most so many notes of one kind a device within a time; those beyond are counted on the latest."""

    notes: int
    within: timedelta


NOTES = NoteBound(100, timedelta(hours=1))
REUSED_IDS = NoteBound(1, timedelta(days=1))


def is_full(case: AlarmCase) -> bool:
    return case.version >= WHOLE_LINES


def rang_lately(case: AlarmCase, now: datetime) -> bool:
    return now - case.rang_at < LINE_EVERY


def is_only_counted(case: AlarmCase, now: datetime) -> bool:
    """Whether a press of this case now has no line of its own.

    A fall that was said to be taken back is no longer: that is told at once.
    """
    return is_full(case) and rang_lately(case, now) and case.fall_cancelled_at is None


def has_many_unknown_types(theirs: Iterable[AlarmCase], now: datetime) -> bool:
    """:param theirs: open cases of one person"""
    own = [c for c in theirs if c.kind == AlarmKind.UNKNOWN and c.join_key != str(c.kind)]
    return sum(now - case.opened_at < UNKNOWN_WITHIN for case in own) >= UNKNOWN_TYPES
