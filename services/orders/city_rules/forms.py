"""What a city may set about orders and welfare visits. An unknown field is refused."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.elders.model import AbilityLevel, LivingSituation, RegisterFlag

_STRICT = ConfigDict(extra="forbid")


class OrderRulesForm(BaseModel):
    model_config = _STRICT
    offer_min: int = Field(ge=1, le=240, description="a worker has so many minutes to answer an offer")
    late_after_min: int = Field(ge=1, le=240, description="late: not begun so many minutes after the told time")
    missed_after_min: int | None = Field(
        ge=2, le=1440, description="so many minutes after it nobody came; none: a person says so"
    )

    @model_validator(mode="after")
    def _late_comes_first(self) -> Self:
        if self.missed_after_min is not None and self.missed_after_min <= self.late_after_min:
            raise ValueError("missed_after_min is more than late_after_min")
        return self


class HighRisk(BaseModel):
    """Who fits all three; an empty list means any."""

    model_config = _STRICT
    ability_levels: Annotated[list[AbilityLevel], Field(max_length=len(AbilityLevel))] = []
    living_situations: Annotated[list[LivingSituation], Field(max_length=len(LivingSituation))] = []
    register_flags: Annotated[list[RegisterFlag], Field(max_length=len(RegisterFlag))] = []


class WelfareRulesForm(BaseModel):
    model_config = _STRICT
    weekly: Annotated[list[HighRisk], Field(max_length=20)] = Field(
        description="who fits one of these is visited every week"
    )
    urgent_days: int = Field(ge=1, le=20, description="not visited so many days before the end: urgent")
    place_ahead_days: int = Field(ge=1, le=28, description="a visit is ordered so many days ahead")

    @model_validator(mode="after")
    def _nobody_means_everybody(self) -> Self:
        if any(not (one.ability_levels or one.living_situations or one.register_flags) for one in self.weekly):
            raise ValueError("a group without any mark would be everybody on the register")
        return self
