"""What the register says of an elder's life: in hospital, away, home again, moved, died."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import Field

from contracts.envelope import Event
from contracts.order import PersonOnOrder


class ElderLifeChanged(Event):
    """Visits that it ends are said on `yian.order`, each with the reason `elder.<state>`."""

    TYPE: ClassVar[str] = "elder.life_changed.v1"
    SOURCE: ClassVar[str] = "/elders"

    elder: PersonOnOrder
    version: int = Field(description="of her life; each is published exactly once")
    region_code: str = Field(description="where she lives")
    region_before: str = Field(description="where she lived until then")
    move: Literal["to_hospital", "go_away", "come_home", "relocate", "move_out", "return", "die", "correct"]
    state: Literal["at_home", "in_hospital", "away", "moved_out", "died"]
    from_day: date | None = Field(default=None, description="the first day of the state; none: at home")
    until_day: date | None = Field(default=None, description="the first day at home again; none: nobody knows")
    visits_ended: int = Field(description="open visits that were called off with it, without a fee")
    actor_name: str
    by_family: bool
    at: datetime
