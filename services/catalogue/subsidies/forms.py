"""How schemes are written, in requests and in the database, and how one is awarded. An unknown field is refused."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.catalogue.subsidies.model import SchemeTerms
from services.catalogue.terms import STRICT, Code, NamePair
from services.db.text import StorableText
from services.elders.model import AbilityLevel, RegisterFlag
from services.providers.forms import RegionCodes

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
Sum = Annotated[int, Field(ge=1, le=10_000_000, description="fen")]
Age = Annotated[int, Field(ge=1, le=150)]
Why = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]

_SAME = (
    "from_age", "below_age", "awarded", "unit_fen", "percent", "units_a_day", "units_a_month", "monthly_fen", "rank",
    "running",
)  # fmt: skip


class SchemeTermsForm(BaseModel):
    model_config = STRICT
    name: NamePair
    region_codes: RegionCodes = Field(description="prefixes of where the elder lives")
    categories: Annotated[list[Code], Field(max_length=40)] = []
    services: Annotated[list[Code], Field(max_length=40)] = Field(
        default=[], description="it pays for these and for those of the categories; both empty: for every service"
    )
    ability_levels: list[AbilityLevel] = Field(default=[], max_length=len(AbilityLevel), description="empty: all")
    register_flags: list[RegisterFlag] = Field(
        default=[], max_length=len(RegisterFlag), description="one of these is needed; empty: none"
    )
    from_age: Age | None = None
    below_age: Age | None = None
    awarded: bool = Field(default=False, description="only who has been awarded it has it")
    unit_fen: Sum | None = Field(default=None, description="of each unit; of a meal order the whole meal is one")
    percent: int | None = Field(default=None, ge=1, le=100, description="of each unit; neither: all of it")
    units_a_day: int | None = Field(default=None, ge=1, le=100)
    units_a_month: int | None = Field(default=None, ge=1, le=1000)
    monthly_fen: Sum | None = Field(default=None, description="the most in a month; an award may name another sum")
    rank: int = Field(default=1, ge=1, le=99, description="who pays first; the next pays of what is left")
    running: bool = Field(default=True, description="false: from this version on it pays nothing")

    @model_validator(mode="after")
    def _says_how_much(self) -> Self:
        if self.unit_fen is not None and self.percent is not None:
            raise ValueError("it pays a sum of each unit or a part of it, not both")
        everything = self.unit_fen is None and self.percent is None
        if everything and self.monthly_fen is None and not self.awarded:
            raise ValueError("who pays all of it names the most in a month, or is awarded with a sum for each elder")
        return self

    @model_validator(mode="after")
    def _ages_are_a_span(self) -> Self:
        if self.from_age is not None and self.below_age is not None and self.from_age >= self.below_age:
            raise ValueError("from_age is less than below_age")
        return self

    @classmethod
    def of(cls, terms: SchemeTerms) -> "SchemeTermsForm":
        """The other way round."""
        kept: dict[str, Any] = {name: getattr(terms, name) for name in _SAME}
        return cls(
            **kept,
            name=NamePair(zh=terms.name.zh, en=terms.name.en),
            region_codes=list(terms.region_codes),
            categories=sorted(terms.categories),
            services=sorted(terms.services),
            ability_levels=[level for level in AbilityLevel if level in terms.ability_levels],
            register_flags=[flag for flag in RegisterFlag if flag in terms.register_flags],
        )

    def terms(self) -> SchemeTerms:
        kept: dict[str, Any] = {name: getattr(self, name) for name in _SAME}
        return SchemeTerms(
            **kept,
            name=self.name.words(),
            region_codes=tuple(self.region_codes),
            categories=frozenset(self.categories),
            services=frozenset(self.services),
            ability_levels=frozenset(self.ability_levels),
            register_flags=frozenset(self.register_flags),
        )


class SchemeForm(BaseModel):
    model_config = STRICT
    valid_from: Day
    terms: SchemeTermsForm


class AwardForm(BaseModel):
    model_config = STRICT
    scheme_code: Code
    from_day: Day
    until_day: Day = Field(description="the last day")
    monthly_fen: Sum | None = Field(default=None, description="none: as the scheme says")
    reason: Why = Field(description="what it is awarded for, such as the number of the decision")


class AwardEndForm(BaseModel):
    model_config = STRICT
    last_day: Day = Field(description="yesterday or later; of one that has not begun: it never holds")
    reason: Why
