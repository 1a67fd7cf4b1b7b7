"""How terms are written: in requests, in the city's seed file and in the database. An unknown field is refused."""

from collections import defaultdict
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.catalogue.model import DAY_MIN, CancelFee, CutOff, Opening, ServiceTerms, Unit, Words
from services.db.text import StorableText
from services.elders.model import AbilityLevel, RegisterFlag

STRICT = ConfigDict(extra="forbid")

Name = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Line = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Codes = Annotated[list[Code], Field(max_length=20)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
ClockEnd = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$")]
Fen = Annotated[int, Field(ge=0, le=10_000_000, description="fen")]


def minute_of(clock: str) -> int:
    """`08:30` → 510."""
    return int(clock[:2]) * 60 + int(clock[3:])


def clock_of(minute: int) -> str:
    """510 → `08:30`."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


class NamePair(BaseModel):
    model_config = STRICT
    zh: Name
    en: Name

    def words(self) -> Words:
        return Words(self.zh, self.en)


class LinePair(BaseModel):
    model_config = STRICT
    zh: Line
    en: Line

    def words(self) -> Words:
        return Words(self.zh, self.en)


class CutOffForm(BaseModel):
    """Orders for a day are taken until this time, so many days before."""

    model_config = STRICT
    days_before: int = Field(ge=0, le=60)
    at: ClockTime


class OpeningForm(BaseModel):
    model_config = STRICT
    weekdays: list[Annotated[int, Field(ge=1, le=7)]] = Field(
        min_length=1, max_length=7, description="1 Monday to 7 Sunday"
    )
    begin: ClockTime = Field(description="the first moment it may begin")
    end: ClockEnd = Field(description="it begins before this")

    @model_validator(mode="after")
    def _is_a_span(self) -> Self:
        if minute_of(self.begin) >= minute_of(self.end):
            raise ValueError("begin must be before end")
        return self


class CancelFeeForm(BaseModel):
    model_config = STRICT
    notice_min: int = Field(ge=1, le=60 * DAY_MIN, description="who cancels less than this before the wished time")
    percent: int = Field(ge=1, le=100, description="owes so much of the total")


class TermsForm(BaseModel):
    model_config = STRICT
    category: Code
    name: NamePair
    included: LinePair
    unit: Unit
    duration_min: int = Field(ge=5, le=DAY_MIN)
    ceiling_fen: Fen
    skills: Codes = []
    certificates: Codes = []
    workers: int = Field(default=1, ge=1, le=2)
    second_after_min: int = Field(default=0, ge=0, le=8 * 60)
    ability_levels: list[AbilityLevel] = Field(default=[], max_length=len(AbilityLevel), description="empty: all")
    register_flags: list[RegisterFlag] = Field(
        default=[], max_length=len(RegisterFlag), description="one of these is needed; empty: none"
    )
    notice_min: int = Field(default=0, ge=0, le=60 * DAY_MIN)
    cut_off: CutOffForm | None = None
    openings: list[OpeningForm] = Field(default=[], max_length=50)
    cancel_fees: list[CancelFeeForm] = Field(default=[], max_length=10, description="empty: cancelling costs nothing")
    sold: bool = True

    @model_validator(mode="after")
    def _openings_do_not_overlap(self) -> Self:
        spans: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for opening in self.openings:
            for weekday in set(opening.weekdays):
                spans[weekday].append((minute_of(opening.begin), minute_of(opening.end)))
        for on_a_day in spans.values():
            on_a_day.sort()
            if any(before[1] > after[0] for before, after in pairwise(on_a_day)):
                raise ValueError("openings of one weekday overlap")
        return self

    @model_validator(mode="after")
    def _a_gap_is_between_two(self) -> Self:
        if self.second_after_min and self.workers == 1:
            raise ValueError("second_after_min needs two workers")
        return self

    @classmethod
    def of(cls, terms: ServiceTerms) -> "TermsForm":
        """The other way round."""
        same = "category unit duration_min ceiling_fen workers second_after_min notice_min sold"
        kept: dict[str, Any] = {name: getattr(terms, name) for name in same.split()}
        cut_off = terms.cut_off and CutOffForm(days_before=terms.cut_off.days_before, at=clock_of(terms.cut_off.at_min))
        return cls(
            **kept,
            name=NamePair(zh=terms.name.zh, en=terms.name.en),
            included=LinePair(zh=terms.included.zh, en=terms.included.en),
            skills=list(terms.skills),
            certificates=list(terms.certificates),
            ability_levels=[level for level in AbilityLevel if level in terms.ability_levels],
            register_flags=[flag for flag in RegisterFlag if flag in terms.register_flags],
            cut_off=cut_off,
            openings=[
                OpeningForm(weekdays=sorted(one.weekdays), begin=clock_of(one.begin_min), end=clock_of(one.end_min))
                for one in terms.openings
            ],
            cancel_fees=[CancelFeeForm(notice_min=one.notice_min, percent=one.percent) for one in terms.cancel_fees],
        )

    def terms(self) -> ServiceTerms:
        said = self.cut_off
        cut_off = CutOff(days_before=said.days_before, at_min=minute_of(said.at)) if said else None
        openings = tuple(
            Opening(weekdays=frozenset(one.weekdays), begin_min=minute_of(one.begin), end_min=minute_of(one.end))
            for one in self.openings
        )
        same = "category unit duration_min ceiling_fen workers second_after_min notice_min sold"
        kept: dict[str, Any] = {name: getattr(self, name) for name in same.split()}
        return ServiceTerms(
            **kept,
            name=self.name.words(),
            included=self.included.words(),
            skills=tuple(self.skills),
            certificates=tuple(self.certificates),
            ability_levels=frozenset(self.ability_levels),
            register_flags=frozenset(self.register_flags),
            cut_off=cut_off,
            openings=openings,
            cancel_fees=tuple(CancelFee(**one.model_dump()) for one in self.cancel_fees),
        )
