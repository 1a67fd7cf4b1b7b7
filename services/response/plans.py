"""Which escalation plan a case gets, and what is wrong with one. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind
from services.business_day import ZONE, business_day
from services.providers.shifts.holidays import DayKind, kind_of
from services.response.model import (
    Channel,
    Chosen,
    Days,
    Hours,
    PlanVersion,
    Step,
    Who,
)

_CONSOLE, _SUGGESTION = Channel.CONSOLE, Channel.SUGGESTION

DEFAULT = Chosen(
    None,
    1,
    "",
    (
        Step(after_seconds=0, who=Who.OPERATORS, channel=_CONSOLE),
        Step(after_seconds=0, who=Who.FAMILY, channel=Channel.PAGE),
        Step(after_seconds=30, who=Who.SECOND_OPERATOR, channel=_CONSOLE),
        Step(after_seconds=60, who=Who.SUPERVISOR, channel=_CONSOLE),
        Step(after_seconds=180, who=Who.COMMUNITY, channel=_SUGGESTION),
        Step(after_seconds=180, who=Who.AMBULANCE, channel=_SUGGESTION, number="120"),
    ),
)
"""Holds where nothing else is written. A city that changes it writes a plan of its own; this one cannot be lost."""

WITH_A_PLAN = tuple(kind for kind in AlarmKind if PRIORITY[kind] != WORKLIST_PRIORITY)
"""What is technical waits on the work list, and rings nobody."""


def includes(hours: Hours, at: datetime) -> bool:
    local = at.astimezone(ZONE)
    minute, day = local.hour * 60 + local.minute, local.date()
    if hours.until_min <= hours.from_min:
        if minute < hours.until_min:
            day -= timedelta(days=1)
        elif minute < hours.from_min:
            return False
    elif not hours.from_min <= minute < hours.until_min:
        return False
    if hours.weekdays and day.isoweekday() not in hours.weekdays:
        return False
    if hours.days is Days.ANY:
        return True
    kind = kind_of(day)
    works = kind is DayKind.WORKING_WEEKEND or (kind is DayKind.ORDINARY and day.isoweekday() <= 5)
    return works == (hours.days is Days.WORKDAYS)


def in_force(versions: Iterable[PlanVersion], at: datetime) -> list[PlanVersion]:
    """Of each plan the version that began last, unless it says that the plan has ended."""
    day, of_plan = business_day(at), defaultdict[UUID, list[PlanVersion]](list)
    for version in versions:
        if version.valid_from <= day:
            of_plan[version.place.id].append(version)
    newest = (max(known, key=lambda one: (one.valid_from, one.version)) for known in of_plan.values())
    return [one for one in newest if not one.ended]


def choose(
    versions: Iterable[PlanVersion], *, kind: AlarmKind, at: datetime, region_code: str | None, elder_id: UUID | None
) -> Chosen:
    """The one that is meant most closely: for this elder, else for the smallest region; then one that names the kind,
    then one for these hours, then the newest."""

    def fits(one: PlanVersion) -> bool:
        place, terms = one.place, one.terms
        if place.elder_id is not None:
            mine = place.elder_id == elder_id
        else:
            mine = region_code is not None and region_code.startswith(place.region_code)
        return mine and (not terms.kinds or kind in terms.kinds) and includes(terms.hours, at)

    fitting = [one for one in in_force(versions, at) if fits(one)]
    if not fitting:
        return DEFAULT
    best = max(fitting, key=closeness)
    return Chosen(best.place.id, best.version, best.terms.name, best.terms.steps)


def closeness(one: PlanVersion) -> tuple[bool, int, bool, bool, date, datetime]:
    """Sorts plans that hold for the same case; the last is taken."""
    place, terms = one.place, one.terms
    hers, meant = place.elder_id is not None, bool(terms.kinds)
    return hers, len(place.region_code), meant, not terms.hours.always, one.valid_from, one.written_at


def unreachable(steps: Iterable[Step]) -> list[int]:
    """Indices of steps that never come: who is told the same was told it before."""
    listed = [(step.after_seconds, index, step) for index, step in enumerate(steps)]
    return [
        index
        for after, index, step in listed
        if step.once_a_case and any((a, i) < (after, index) and other.tells_the_same(step) for a, i, other in listed)
    ]
