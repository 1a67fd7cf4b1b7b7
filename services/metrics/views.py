"""Figures as they go over the wire."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.catalogue.views import Text
from services.elders.model import Region
from services.metrics.handlers import Detail, FigureRow, Shown
from services.metrics.model import Definition, Exclusion, Figure, FigureUnit, Subject
from services.metrics.store_months import ClosedMonth, Restatement


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetView:
    value: float
    """A share of 1, or seconds."""
    at_least: bool
    quantile: float | None
    """Of a duration: which one has to keep it."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionView:
    code: str
    says: Text

    @classmethod
    def of(cls, exclusion: Exclusion) -> "ExclusionView":
        return cls(code=exclusion.code, says=Text.of(exclusion.says))


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionView:
    id: str
    version: int
    since: date
    subject: Subject
    unit: FigureUnit
    name: Text
    numerator: Text
    denominator: Text
    excluded: list[ExclusionView]
    """What is left out, and why; of several reasons that hold the first is given."""
    target: TargetView | None
    minimum_n: int
    """Of fewer no figure is given."""

    @classmethod
    def of(cls, one: Definition) -> "DefinitionView":
        target = one.target
        return cls(
            id=one.id,
            version=one.version,
            since=one.since,
            subject=one.subject,
            unit=one.unit,
            name=Text.of(one.name),
            numerator=Text.of(one.numerator),
            denominator=Text.of(one.denominator),
            excluded=[ExclusionView.of(exclusion) for exclusion in one.excluded],
            target=TargetView(
                value=target.value, at_least=target.at_least, quantile=target.quantile, source=target.source
            )
            if target
            else None,
            minimum_n=one.minimum_n,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    definition: DefinitionView
    figure: Figure
    before: Figure
    """Of as many months right before."""

    @classmethod
    def of(cls, shown: Shown) -> "ShownView":
        return cls(definition=DefinitionView.of(shown.definition), figure=shown.figure, before=shown.before)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonthView:
    month: date
    closed_at: datetime
    digest: str
    """SHA-256 over all facts up to then and the counts that were published."""

    @classmethod
    def of(cls, one: ClosedMonth) -> "ClosedMonthView":
        return cls(month=one.month, closed_at=one.closed_at, digest=one.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureList:
    region: Region
    first: date
    last: date
    made_at: datetime
    closed: list[ClosedMonthView]
    """The months of the span that are closed: their figures stay as published."""
    simulated: list[date]
    """The months of the span whose figures are a simulated history."""
    figures: list[ShownView]


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureDetail:
    region: Region
    first: date
    last: date
    made_at: datetime
    closed: list[ClosedMonthView]
    simulated: list[date]
    definition: DefinitionView
    figure: Figure
    before: Figure
    regions: list[FigureRow]
    """The regions right below."""
    parts: list[FigureRow]
    """By provider, or by the model of the device."""
    course: list[FigureRow]
    """By day, as they are counted today, also in a closed month; of more than three months by month."""

    @classmethod
    def of(
        cls, found: Detail, *, region: Region, first: date, last: date, made_at: datetime, closed: list[ClosedMonth],
        simulated: list[date],
    ) -> "FigureDetail":  # fmt: skip
        return cls(
            region=region,
            first=first,
            last=last,
            made_at=made_at,
            closed=[ClosedMonthView.of(one) for one in closed],
            simulated=simulated,
            definition=DefinitionView.of(found.definition),
            figure=found.figure,
            before=found.before,
            regions=found.regions,
            parts=found.parts,
            course=found.course,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceView:
    """A case or a visit, without the person: who may see her finds her by its id."""

    id: UUID
    day: date
    region_code: str
    part: str
    because: str | None
    """Why it is left out; none: it counts."""
    n: int
    hits: int
    seconds: float | None
    events: list[str]
    """Ids of the events on the bus that say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePage:
    definition: DefinitionView
    items: list[EvidenceView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestatementPage:
    items: list[Restatement]
    next_cursor: str | None
