"""Everything that happens to stars and appeals, each in the caller's transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.db.pool import Connection
from services.errors import NotFound
from services.metrics import store_figures, store_months
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Counts
from services.metrics.rules import added, valid_on
from services.metrics.stars import store
from services.metrics.stars.formulas import LIST_RULES, formula_of
from services.metrics.stars.model import (
    AppealEntry,
    AppealMove,
    AppealState,
    Because,
    IllegalAppealMove,
    ListKind,
    Published,
    Rating,
    appeal_after,
)
from services.metrics.stars.rules import (
    NothingToAppeal,
    Told,
    check_appeal,
    check_reason,
    is_listed,
    months_before,
    rate,
)
from services.metrics.store_figures import Span, Split
from services.providers.handlers import to_decide_about
from services.providers.model import Provider
from services.providers.store import ProviderStore

WHOLE_CITY = ""
ALL = 100_000


async def rated(tx: Connection, month: date) -> dict[UUID, Rating]:
    """Of each provider with any visit what it comes to as the month's counts stand."""
    span = Span(first=month)
    versions = {one.id: one.version for one in valid_on(DEFINITIONS, span.last).values()}
    formula = formula_of(month)
    wanted = {term.figure for term in formula.terms}
    found: dict[UUID, dict[str, list[Counts]]] = {}
    for part in await store_figures.totals(tx, span, WHOLE_CITY, split=Split.PARTS):
        if part.figure in wanted and part.version == versions.get(part.figure) and part.key:
            found.setdefault(UUID(part.key), {}).setdefault(part.figure, []).append(part.counts)
    return {
        provider_id: rate(formula, {figure: Told(versions[figure], added(some)) for figure, some in counts.items()})
        for provider_id, counts in found.items()
    }


async def publish_month(tx: Connection, month: date) -> int:
    """When a month is closed: its stars stand from now on. Returns of how many providers."""
    ratings = await rated(tx, month)
    known = {one.id for one in await _providers(tx, Scope(("",)))}
    for provider_id in sorted(ratings.keys() & known):
        await store.publish(tx, provider_id, month, ratings[provider_id], version=1, why=Because.CLOSED)
    return len(ratings.keys() & known)


async def _providers(tx: Connection, scope: Scope) -> list[Provider]:
    return await ProviderStore(tx).page(scope, query=None, region=None, state=None, after=None, limit=ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StarRow:
    provider: Provider
    published: Published | None
    """None: provisional, or nothing was published of it."""
    rating: Rating
    appeal: list[AppealEntry]
    lists: list[ListKind]
    """On which it is with this month as the last of the row."""


async def month_rows(tx: Connection, month: date, scope: Scope) -> tuple[bool, list[StarRow]]:
    """Whether the month is closed, and each provider of the caller's that had visits or is in business, by name."""
    closed = bool(await store_months.closed(tx, [month]))
    providers = await _providers(tx, scope)
    longest = max(rule.months for rule in LIST_RULES)
    ids = [one.id for one in providers]
    said = await store.published(tx, provider_ids=ids, months=months_before(month, longest))
    of_month = {one.provider_id: one for one in said if one.month == month}
    now = {key: one.rating for key, one in of_month.items()} if closed else await rated(tx, month)
    appeals = await store.appeals(tx, ids)
    rows = [
        StarRow(
            provider=one,
            published=of_month.get(one.id),
            rating=now[one.id],
            appeal=appeals.get((one.id, month), []),
            lists=_lists(one.id, said, appeals, month) if closed else [],
        )
        for one in providers
        if one.id in now
    ]
    return closed, rows


def _lists(
    provider_id: UUID, said: list[Published], appeals: Mapping[store.Key, list[AppealEntry]], month: date
) -> list[ListKind]:
    """A month under appeal is in no row: nothing follows from what is not settled."""
    stars = {
        one.month: None if _is_open(appeals.get((provider_id, one.month), [])) else one.rating.stars
        for one in said
        if one.provider_id == provider_id
    }
    return [rule.kind for rule in LIST_RULES if is_listed(rule, stars, month)]


def _is_open(entries: list[AppealEntry]) -> bool:
    return bool(entries) and entries[-1].state is AppealState.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnStars:
    """All that was published of one provider, the newest first, and the running month."""

    provider: Provider
    published: list[Published]
    appeals: dict[date, list[AppealEntry]]
    running: Rating | None
    """None: nothing happened yet, or that month is closed."""


async def of_provider(tx: Connection, provider_id: UUID, scope: Scope, running: date) -> OwnStars:
    """:raises NotFound:"""
    provider = await ProviderStore(tx).get(provider_id, scope)
    if provider is None:
        raise NotFound
    appeals = await store.appeals(tx, [provider_id])
    is_closed = bool(await store_months.closed(tx, [running]))
    return OwnStars(
        provider=provider,
        published=await store.published(tx, provider_ids=[provider_id]),
        appeals={month: entries for (_, month), entries in appeals.items()},
        running=None if is_closed else (await rated(tx, running)).get(provider_id),
    )


async def appeal(
    tx: Connection, provider_id: UUID, month: date, move: AppealMove, reason: str, *, by: Caller, now: datetime
) -> AppealEntry:
    """:raises NotFound: :raises WiderThanYours: :raises NothingToAppeal: :raises TooLateToAppeal: :raises ReasonNeeded:
    :raises IllegalAppealMove:"""
    await to_decide_about(tx, provider_id, by)
    entries = (await store.appeals(tx, [provider_id])).get((provider_id, month), [])
    said = await store.published(tx, provider_ids=[provider_id], months=[month])
    if not said:
        raise NothingToAppeal
    before = entries[-1] if entries else None
    state = appeal_after(before.state if before else None, move)
    if move is AppealMove.FILE:
        check_appeal(said[0].rating.stars, said[0].said_at, reason, now)
    check_reason(reason)
    version = (before.version if before else 0) + 1
    entry = AppealEntry(version=version, move=move, state=state, reason=reason.strip(), by=None, at=now)
    if not await store.add_entry(tx, (provider_id, month), entry, by=by.id):
        raise IllegalAppealMove(state=before.state if before else None)
    if state is AppealState.UPHELD:
        # No stars are set by hand: those that were wrong are taken back, and the figures say why another month is not.
        rating = replace(said[0].rating, stars=None, score=None)
        await store.publish(tx, provider_id, month, rating, version=said[0].version + 1, why=Because.APPEAL)
    await audit.record(
        tx, actor_id=by.id, action=f"stars.{move}", subject_type="providers", subject_id=str(provider_id),
        month=month.isoformat(),
    )  # fmt: skip
    return (await store.appeals(tx, [provider_id]))[provider_id, month][-1]
