"""Stars as they go over the wire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.catalogue.views import Text
from services.elders.model import Region
from services.metrics.kpis import DEFINITIONS
from services.metrics.stars.formulas import LIST_RULES
from services.metrics.stars.handlers import OwnStars, StarRow
from services.metrics.stars.model import (
    APPEAL_WITHIN,
    AppealEntry,
    AppealMove,
    AppealState,
    Because,
    Formula,
    Judged,
    ListKind,
    Published,
    Rating,
)
from services.metrics.stars.store import PublicRow

_NAMES = {one.id: one.name for one in DEFINITIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermView:
    figure: str
    name: Text
    weight: int
    worst: float
    best: float
    """Less than `worst`: less is better."""
    minimum_n: int
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaView:
    version: int
    since: date
    terms: list[TermView]
    appeal_days: int

    @classmethod
    def of(cls, formula: Formula) -> "FormulaView":
        terms = [
            TermView(
                figure=one.figure, name=Text.of(_NAMES[one.figure]), weight=one.weight, worst=one.worst, best=one.best,
                minimum_n=one.minimum_n, required=one.required,
            )
            for one in formula.terms
        ]  # fmt: skip
        return cls(version=formula.version, since=formula.since, terms=terms, appeal_days=APPEAL_WITHIN.days)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedView:
    """One term with its arithmetic: share → its cautious bound → points → weight."""

    figure: str
    name: Text
    version: int
    n: int
    hits: int
    excluded: int
    share: float | None
    bound: float | None
    points: float | None
    weight: int
    minimum_n: int
    required: bool
    worst: float
    best: float

    @classmethod
    def of(cls, one: Judged) -> "JudgedView":
        return cls(
            figure=one.figure, name=Text.of(_NAMES[one.figure]), version=one.version, n=one.n, hits=one.hits,
            excluded=one.excluded, share=one.share, bound=one.bound, points=one.points, weight=one.weight,
            minimum_n=one.minimum_n, required=one.required, worst=one.worst, best=one.best,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingView:
    formula: int
    terms: list[JudgedView]
    score: float | None
    stars: float | None

    @classmethod
    def of(cls, one: Rating) -> "RatingView":
        return cls(
            formula=one.formula, terms=[JudgedView.of(term) for term in one.terms], score=one.score, stars=one.stars
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealEntryView:
    version: int
    move: AppealMove
    state: AppealState
    reason: str
    by: str | None
    at: datetime

    @classmethod
    def of(cls, one: AppealEntry) -> "AppealEntryView":
        return cls(version=one.version, move=one.move, state=one.state, reason=one.reason, by=one.by, at=one.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StarRowView:
    provider_id: UUID
    name: str
    rating: RatingView
    because: Because | None
    """Null: provisional."""
    appeal: AppealState | None
    lists: list[ListKind]

    @classmethod
    def of(cls, row: StarRow) -> "StarRowView":
        return cls(
            provider_id=row.provider.id,
            name=row.provider.name,
            rating=RatingView.of(row.rating),
            because=row.published.because if row.published else None,
            appeal=row.appeal[-1].state if row.appeal else None,
            lists=row.lists,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRuleView:
    kind: ListKind
    months: int
    at_least: float | None
    at_most: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StarsOfMonth:
    month: date
    closed: bool
    """Else all is provisional, and nothing follows from it."""
    formula: FormulaView
    rules: list[ListRuleView]
    rows: list[StarRowView]


def list_rules() -> list[ListRuleView]:
    return [
        ListRuleView(kind=one.kind, months=one.months, at_least=one.at_least, at_most=one.at_most) for one in LIST_RULES
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedView:
    month: date
    version: int
    because: Because
    said_at: datetime
    appeal_until: datetime
    rating: RatingView
    appeal: list[AppealEntryView]

    @classmethod
    def of(cls, one: Published, entries: Sequence[AppealEntry]) -> "PublishedView":
        return cls(
            month=one.month,
            version=one.version,
            because=one.because,
            said_at=one.said_at,
            appeal_until=one.said_at + APPEAL_WITHIN,
            rating=RatingView.of(one.rating),
            appeal=[AppealEntryView.of(entry) for entry in entries],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StarsOfProvider:
    provider_id: UUID
    name: str
    formula: FormulaView
    running_month: date
    running: RatingView | None
    """Provisional; null: nothing happened yet."""
    published: list[PublishedView]
    """The newest first."""

    @classmethod
    def of(cls, own: OwnStars, formula: Formula, running: date) -> "StarsOfProvider":
        return cls(
            provider_id=own.provider.id,
            name=own.provider.name,
            formula=FormulaView.of(formula),
            running_month=running,
            running=RatingView.of(own.running) if own.running else None,
            published=[PublishedView.of(one, own.appeals.get(one.month, [])) for one in own.published],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicStars:
    month: date | None
    """The newest that is published; null: none yet."""
    formula: FormulaView
    counties: list[Region]
    providers: list[PublicRow]
