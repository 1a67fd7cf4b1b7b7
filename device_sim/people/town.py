"""Whom a simulated day is played by, as its city tells them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Of the city."""

    @property
    def speed(self) -> float: ...

    def now(self) -> datetime: ...

    def seconds_until(self, moment: datetime) -> float:
        """To wait, by the clock on the wall."""


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Home:
    """Of an elder, and the account of the family that orders for them."""

    elder_id: str
    elder_name: str
    family: Login


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who serves."""

    worker_id: str
    provider_id: str
    login: Login


@dataclass(frozen=True, slots=True)
class Office:
    """A provider's people at the desk, and their kitchen."""

    provider_id: str
    login: Login
    kitchen_id: str | None


@dataclass(frozen=True, slots=True)
class Town:
    base_url: str
    mqtt: str
    homes: tuple[Home, ...]
    colleagues: tuple[Colleague, ...]
    offices: tuple[Office, ...]
    operators: tuple[Login, ...]
    devices: tuple[Login, ...]
    """Whose button is pressed."""


Say = Callable[[str], None]
