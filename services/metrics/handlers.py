"""Everything that happens to facts, counts and months, each in the caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.accounts import audit
from services.accounts.model import Scope
from services.db.pool import Connection
from services.elders.model import Region
from services.elders.store_regions import RegionStore
from services.errors import DomainError, NotFound
from services.metrics import store_counting, store_facts, store_figures, store_months
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Counts, Definition, Figure, Subject
from services.metrics.rules import added, figure_of, month_of, valid_on
from services.metrics.store_counted import TOWN
from services.metrics.store_counting import Bucket
from services.metrics.store_facts import Fact
from services.metrics.store_figures import MOST_BY_DAY, Part, Span, Split
from services.metrics.store_months import ClosedMonth

DAYS_AT_ONCE = 1_000


class MonthNotOver(DomainError):
    code = "figures.month_not_over"
    status = 409
    title = "The month is not over: close it from the first day of the next one on"


class MonthClosed(DomainError):
    """`closed_at` says since when."""

    code = "figures.month_closed"
    status = 409
    title = "This month is closed already; what has changed since is in its restatements"


class NotTheWholeCity(DomainError):
    code = "figures.not_the_whole_city"
    status = 403
    title = "A month is closed for the whole city: only who answers for all of it may do that"


async def keep_facts(tx: Connection, facts: Mapping[Subject, Sequence[Fact]]) -> int:
    """Those that are new, and what is counted of them; returns how many."""
    kept = await store_facts.keep(tx, facts)
    for subject, ids in kept.ids.items():
        await store_counting.count_anew(tx, subject, ids, kept.since)
    return kept.facts


async def count_due(tx: Connection, *, at_most: int, definitions: Sequence[Definition] = DEFINITIONS) -> int:
    """Makes the counts anew that facts have changed; returns of how many days of counties."""
    buckets = await store_counting.take_due(tx, at_most=at_most)
    if buckets:
        await _count(tx, buckets, definitions)
    return len(buckets)


async def _count(tx: Connection, buckets: Sequence[Bucket], definitions: Sequence[Definition]) -> None:
    months = {(month_of(one.day), one.county) for one in buckets}
    await store_counting.alone_with(tx, months)
    await store_counting.count_days(tx, definitions, buckets)
    await store_counting.count_months(tx, months)
    closed = await store_months.closed(tx, sorted({month for month, _ in months}))
    if closed:
        counties = sorted({county for month, county in months if month in {one.month for one in closed}})
        await store_months.note_restatements(tx, [one.month for one in closed], counties)


async def close_month(tx: Connection, month: date, *, by: UUID, scope: Scope, today: date) -> ClosedMonth:
    """What it comes to now is what is published from now on.

    :raises NotTheWholeCity: :raises MonthNotOver: :raises MonthClosed:
    """
    cities = [region.code for region in await RegionStore(tx).children(None)]
    if not scope.holds(cities):
        raise NotTheWholeCity
    if month_of(today) <= month:
        raise MonthNotOver
    await store_months.hold(tx)
    if known := await store_months.closed(tx, [month]):
        raise MonthClosed(closed_at=known[0].closed_at.isoformat())
    while await count_due(tx, at_most=DAYS_AT_ONCE):
        pass
    await store_months.close(tx, month, by=by)
    await audit.record(tx, actor_id=by, action="figures.close", subject_type="month", subject_id=month.isoformat())
    return (await store_months.closed(tx, [month]))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One figure of a region and a span, beside the span before."""

    definition: Definition
    figure: Figure
    before: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRow:
    """One line of a figure: a region, a provider, a model or a day."""

    key: str
    name: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    definition: Definition
    figure: Figure
    before: Figure
    regions: list[FigureRow]
    parts: list[FigureRow]
    course: list[FigureRow]
    """By day, or by month."""


async def region_in(tx: Connection, scope: Scope, code: str | None) -> Region:
    """None: the caller's own, of several the first. :raises NotFound: also for a region that is another's"""
    wanted = code or min(scope.region_codes, default="")
    if not wanted.startswith(scope.region_codes):
        raise NotFound
    found = await RegionStore(tx).find(wanted)
    if found is None:
        raise NotFound
    return found


async def figures(tx: Connection, region: str, span: Span) -> list[Shown]:
    """Each that is defined, in the order of their definitions."""
    now, before = await _all(tx, region, span), await _all(tx, region, span.before)
    return [
        Shown(
            definition=definition,
            figure=figure_of(definition, now.get(definition.id, Counts())),
            before=figure_of(definition, before.get(definition.id, Counts())),
        )
        for definition in _defined(span).values()
    ]


async def of_day(tx: Connection, figure: str, regions: Sequence[str], day: date) -> tuple[Definition, Figure]:
    """One figure of a day in several regions together. :raises NotFound: there is no such figure"""
    span = Span(first=month_of(day))
    definition = _definition(figure, span)
    apart = [one for one in regions if not one.startswith(tuple(other for other in regions if other != one))]
    found = [await _course(tx, definition, region, span) for region in apart]
    return definition, figure_of(definition, added(one.get(day.isoformat(), Counts()) for one in found))


async def detail(tx: Connection, figure: str, region: Region, span: Span) -> Detail:
    """:raises NotFound: there is no such figure"""
    definition = _definition(figure, span)
    own = await _of(tx, definition, region.code, span)
    children = await RegionStore(tx).children(region.code)
    by_region = _by_key(definition, await _split(tx, definition, region.code, span, Split.REGIONS))
    by_part = _by_key(definition, await _split(tx, definition, region.code, span, Split.PARTS))
    over_time = await _course(tx, definition, region.code, span)
    names = await store_figures.provider_names(tx, list(by_part)) if definition.subject is Subject.VISIT else {}
    return Detail(
        definition=definition,
        figure=figure_of(definition, own),
        before=figure_of(definition, await _of(tx, definition, region.code, span.before)),
        regions=_regions(definition, region, children, by_region),
        parts=[_row(definition, key, names.get(key, key), by_part) for key in by_part],
        course=[_row(definition, key, key, over_time) for key in sorted(over_time)],
    )


def _regions(
    definition: Definition, region: Region, children: Sequence[Region], counts: dict[str, Counts]
) -> list[FigureRow]:
    """Those that exist, also without any figure; then what is of the whole region, codes that are in no list, and what
    happened at nobody's home."""
    known = {child.code: child.name for child in children}
    others = {code: region.name if code == region.code else code for code in sorted(counts) if code}
    names = known | {code: name for code, name in others.items() if code not in known}
    rows = [_row(definition, code, name, counts) for code, name in names.items()]
    return [*rows, _row(definition, "", "", counts)] if "" in counts else rows


def _row(definition: Definition, key: str, name: str, counts: dict[str, Counts]) -> FigureRow:
    return FigureRow(key=key, name=name, figure=figure_of(definition, counts.get(key, Counts())))


def _defined(span: Span) -> dict[str, Definition]:
    return valid_on(DEFINITIONS, span.last)


def _definition(figure: str, span: Span) -> Definition:
    try:
        return _defined(span)[figure]
    except KeyError:
        raise NotFound from None


async def _all(tx: Connection, region: str, span: Span) -> dict[str, Counts]:
    """Of each figure its counts by the version that holds at the end of the span."""
    defined = _defined(span)
    if len(region) <= TOWN:
        parts = await store_figures.totals(tx, span, region)
    else:
        parts = []
        for subject in Subject:
            some = [one for one in defined.values() if one.subject is subject]
            parts += await store_figures.counted_now(tx, span, region, some)
    return {part.figure: part.counts for part in parts if _current(defined, part)}


def _current(defined: dict[str, Definition], part: Part) -> bool:
    return part.figure in defined and defined[part.figure].version == part.version


async def _of(tx: Connection, definition: Definition, region: str, span: Span) -> Counts:
    return added(_by_key(definition, await _split(tx, definition, region, span, Split.WHOLE)).values())


_BY = {Split.WHOLE: "''", Split.REGIONS: "region_code"}


async def _split(tx: Connection, definition: Definition, region: str, span: Span, split: Split) -> list[Part]:
    if len(region) < TOWN or (len(region) == TOWN and split is Split.WHOLE):
        return await store_figures.totals(tx, span, region, split=split, figure=definition.id)
    if len(region) > TOWN and split is Split.REGIONS:
        return []  # nothing lies below a village
    return await store_figures.counted_now(tx, span, region, [definition], by=_BY.get(split, definition.part))


async def _course(tx: Connection, definition: Definition, region: str, span: Span) -> dict[str, Counts]:
    if len(region) <= TOWN:
        return _by_key(definition, await store_figures.course(tx, span, region, definition.id))
    by = "day::text" if span.months <= MOST_BY_DAY else "left(day::text, 7)"
    return _by_key(definition, await store_figures.counted_now(tx, span, region, [definition], by=by))


def _by_key(definition: Definition, parts: Iterable[Part]) -> dict[str, Counts]:
    return {part.key: part.counts for part in parts if part.version == definition.version}
