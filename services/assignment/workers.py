"""Staff of the platform as dispatch's workers. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from math import inf

from contracts.order import OrderView
from dispatch.model import END_OF_DAY_MIN, Break, Certificate, Interval, Place, Sex, TravelMode, Worker
from services.assignment.days import Clock, open_visits, place_of
from services.assignment.model import Held, Reading, Span, Staff, Taken

FIRST_DAY, LAST_DAY = date.min, date.max
WAY_MIN = 120.0
"""Longer than any way."""
FROM_ELSEWHERE_MIN = 30.0
"""From a visit of another area to one of this, which is planned without knowing where that was."""
NOWHERE = ("-",)
"""To dispatch, no area is everywhere."""


def worker_of(staff: Staff, centre: Place) -> Worker:
    """`centre`: where somebody sets out from whose base is not known."""
    always = [Held(f"skill:{code}", FIRST_DAY, LAST_DAY) for code in staff.skills]
    papers = [Held(f"certificate:{one.kind}", one.valid_from, one.valid_until) for one in staff.certificates]
    base = staff.base
    worker = Worker(
        id=str(staff.id),
        start=place_of(str(staff.id), base, "") if base else centre,
        mode=TravelMode(staff.mode),
        sex=Sex(staff.sex),
        certificates=tuple(
            Certificate(skill=one.kind, valid_from=one.valid_from, valid_until=one.valid_until)
            for one in (*always, *papers)
        ),
        shifts=_intervals(staff.hours),
        leave=tuple(Interval(one.span.from_min, one.span.to_min + FROM_ELSEWHERE_MIN) for one in staff.taken),
        breaks=tuple(
            Break(duration_min=one.duration_min, window=_interval(one.begins), paid=one.paid) for one in staff.pauses
        ),
        areas=staff.areas or NOWHERE,
        last_shift_ended_min=-END_OF_DAY_MIN if staff.yesterday_ended_min is None else staff.yesterday_ended_min,
        next_shift_begins_min=staff.tomorrow_begins_min,
        week_left_min=staff.week_left_min,
        month_left_min=staff.month_left_min,
        max_visits=staff.most_visits,
    )
    return worker if staff.day_limit_min is None else replace(worker, max_work_min=staff.day_limit_min)


def elsewhere_until_min(worker: Worker, before_min: float) -> float:
    """When the last of what takes them elsewhere has ended by then; -inf: nothing does."""
    ends_min = (one.to_min - FROM_ELSEWHERE_MIN for one in worker.leave)
    return max((end_min for end_min in ends_min if end_min <= before_min), default=-inf)


def centre_of(reading: Reading) -> Place:
    """In the middle of all bases, or of the homes, where no base is known."""
    known = [one.base for one in reading.staff if one.base] or [one.place for one in reading.orders if one.place]
    if not known:
        return Place(id="centre", lat=0.0, lon=0.0)
    lat, lon = (sum(values) / len(known) for values in zip(*((one.lat, one.lon) for one in known), strict=True))
    return Place(id="centre", lat=lat, lon=lon)


def _interval(span: Span) -> Interval:
    return Interval(span.from_min, span.to_min)


def _intervals(spans: Iterable[Span]) -> tuple[Interval, ...]:
    return tuple(_interval(span) for span in spans)


def _is_near(span: Span, hours: Iterable[Span]) -> bool:
    """What lies in no reach of somebody's hours, as most visits of the days beside, takes nothing of them."""
    return any(span.from_min < one.to_min + WAY_MIN and one.from_min - WAY_MIN < span.to_min for one in hours)


def taken_anew(staff: Mapping[str, Staff], view: OrderView, clock: Clock) -> dict[str, Staff]:
    """Those whom an order of another area or day takes, or gives back."""
    takes = {
        str(visit.worker.id): Taken(visit.id, span)
        for visit in open_visits(view)
        if visit.worker and visit.ends_at and (begin := visit.sets_out_at or visit.starts_at)
        if (one := staff.get(str(visit.worker.id))) is not None
        and _is_near(span := Span(clock.minutes(begin), clock.minutes(visit.ends_at)), one.hours)
    }
    visit_ids, changed = {visit.id for visit in view.visits}, dict[str, Staff]()
    for worker_id, one in staff.items():
        if not one.taken and worker_id not in takes:
            continue
        kept = tuple(taken for taken in one.taken if taken.visit_id not in visit_ids)
        taken = (*kept, takes[worker_id]) if worker_id in takes else kept
        if taken != one.taken:
            changed[worker_id] = replace(one, taken=taken)
    return changed
