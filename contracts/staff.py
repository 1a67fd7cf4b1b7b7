"""What is said of those who serve: that dispatch and orders must look again."""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from contracts.envelope import Event


class StaffChanged(Event):
    """A worker's hours, leave, profile or state are different; said once for each area in which they serve."""

    TYPE: ClassVar[str] = "staff.changed.v1"
    SOURCE: ClassVar[str] = "/providers"

    area: str = Field(description="planning area: county code, 6 digits")
    worker_id: UUID | None = Field(default=None, description="none: everybody of this provider")
    provider_id: UUID
    what: Literal["hours", "leave", "profile", "state"]
    first_day: date | None = Field(default=None, description="none: from today on")
    last_day: date | None = Field(default=None, description="none: for good")
    released_visit_ids: tuple[UUID, ...] = Field(default=(), description="visits that leave has taken from them")
    at: datetime
