"""The form about an elder's life. An unknown field is refused."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.db.text import StorableText
from services.elders.forms import Line, RegionCode, Remark
from services.elders.life.handlers import LifeSaying
from services.elders.life.model import LifeMove
from services.places import Place

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]


class NewHome(BaseModel):
    model_config = ConfigDict(extra="forbid")
    address: Line
    region_code: RegionCode
    door_note: Remark = ""
    location: Place | None = None

    def fields(self) -> dict[str, Any]:
        """Of `Elder`."""
        location = self.location.location() if self.location else None
        return self.model_dump(exclude={"location"}) | {"location": location}


class LifeForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    move: LifeMove
    from_day: Day | None = Field(default=None, description="of coming home the first day there; none: today")
    until_day: Day | None = Field(default=None, description="the first day at home again; none: nobody knows yet")
    reason: Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=300)] = Field(
        default="", description="from whom it is known; a family need not say"
    )
    home: NewHome | None = Field(default=None, description="of moving house within the city")

    def saying(self, version: int | None) -> LifeSaying:
        return LifeSaying(
            move=self.move,
            from_day=self.from_day,
            until_day=self.until_day,
            reason=self.reason,
            address=self.home.fields() if self.home else None,
            version=version,
        )
