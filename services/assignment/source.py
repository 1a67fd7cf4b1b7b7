"""Where the planner reads what it plans upon."""

from collections.abc import Mapping
from datetime import date
from typing import Protocol
from uuid import UUID

from services.assignment.model import DayKey, Reading


class Source(Protocol):
    """The database, and in tests a desk in memory."""

    async def read(self, key: DayKey) -> Reading:
        """Everything of a day, as it is now."""

    async def open_days(self, area: str, first: date) -> list[DayKey]:
        """From this day on: those with orders that are not over."""

    async def familiar(self, elder_id: UUID, day: date) -> Mapping[UUID, float]:
        """Worker → share (0–1) of the elder's last visits before this day."""

    async def pages_are_served(self) -> bool:
        """Whether people can say anything now."""
