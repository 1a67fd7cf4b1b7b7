"""What is said to others when an elder's home is another one on the map."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from services.accounts.model import Caller
from services.db.pool import Connection
from services.elders.model import Elder


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedHouse:
    before: Elder
    after: Elder
    by: Caller
    now: datetime


Follow = Callable[[Connection, MovedHouse], Awaitable[None]]
"""Has what is planned for her go to her new home, in the same transaction."""
