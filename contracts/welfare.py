"""Who is owed a welfare visit (探访), and what has come of it."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Event


class WelfareDueMoved(Event):
    """The visits themselves are orders, said on `yian.order`."""

    TYPE: ClassVar[str] = "welfare.due_moved.v1"
    SOURCE: ClassVar[str] = "/orders"

    elder_id: UUID
    region_code: str = Field(description="where she lives")
    month: date = Field(description="in which it counts: its first day")
    due_from: date
    due_until: date
    weekly: bool = Field(description="at high risk: one is due each week")
    version: int = Field(description="of what is due from that day; each is published exactly once")
    state: Literal["due", "visited", "not_visited", "forgotten"] = Field(
        description="forgotten: none is owed after all, she is off the register or visited every week"
    )
    visited_on: date | None = None
    order_id: UUID | None = Field(default=None, description="the visit, or the last that was tried")
    code: str | None = Field(default=None, description="why the last try came to nothing")
    at: datetime
