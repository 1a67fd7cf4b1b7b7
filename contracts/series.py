"""What recurring orders have to say before a visit, or in place of one. Visits themselves are orders."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.envelope import Event
from contracts.order import NameOnOrder, PersonOnOrder


class OfSeries(Event):
    """Which series it is about, and for whom."""

    SOURCE: ClassVar[str] = "/orders/series"

    series_id: UUID
    elder: PersonOnOrder
    area: str = Field(description="planning area: county code, 6 digits")
    region_code: str = Field(description="of the elder: village, 12 digits")
    service_code: str
    service_name: NameOnOrder
    at: datetime


class SeriesPriceChanges(OfSeries):
    """From a day on the visits of a series will cost something else. Said before any of them is ordered at it."""

    TYPE: ClassVar[str] = "series.price_changes.v2"

    from_day: date = Field(description="of the first visit at the new price")
    price_fen_before: int = Field(description="of a unit")
    price_fen: int


class SeriesSubsidyEnds(OfSeries):
    """From a day on somebody no longer pays for the visits of a series. Said before any of them is ordered."""

    TYPE: ClassVar[str] = "series.subsidy_ends.v1"

    from_day: date = Field(description="of the first visit without")
    subsidies: tuple[NameOnOrder, ...] = Field(description="what ends")
    goes_on: bool = Field(description="the family wants it to go on and pays; otherwise it ends before that visit")


class PaysOnSeries(BaseModel):
    """Of each unit `unit_fen` or `percent`; neither: all of it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    unit_fen: int | None = None
    percent: int | None = None
    units_a_day: int | None = Field(default=None, description="at most; none: no such limit")
    units_a_month: int | None = None
    monthly_fen: int | None = None


class SeriesSubsidyFalls(OfSeries):
    """From a day on somebody pays less for the visits of a series. Said before any of them is ordered."""

    TYPE: ClassVar[str] = "series.subsidy_falls.v1"

    from_day: date = Field(description="of the first visit for which less is paid")
    unit: str
    subsidy: NameOnOrder
    pays_before: PaysOnSeries
    pays: PaysOnSeries


class SeriesDateRefused(OfSeries):
    """A visit of a series could not be ordered."""

    TYPE: ClassVar[str] = "series.date_refused.v2"

    day: date = Field(description="on which the visit would have been")
    code: str
    says: NameOnOrder = Field(description="why, and what can be done instead")
    tried_again: bool = Field(description="every day until then; otherwise there is no visit")
