"""What a city pays of an order, and for whom. Versions are only added: an order keeps what was said."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.catalogue.model import Words
from services.elders.model import AbilityLevel, RegisterFlag


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeTerms:
    """`unit_fen` or `percent` of each unit; neither: all of it."""

    name: Words
    region_codes: tuple[str, ...]
    """Prefixes of where the elder lives."""
    categories: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    """It pays for these and for those of the categories; both empty: for every service."""
    ability_levels: frozenset[AbilityLevel] = frozenset()
    """Whom it is for; empty: everybody."""
    register_flags: frozenset[RegisterFlag] = frozenset()
    """One of these is needed; empty: none."""
    from_age: int | None = None
    below_age: int | None = None
    awarded: bool = False
    """True: only who has been awarded it has it; False: everybody whom it is for."""
    unit_fen: int | None = None
    percent: int | None = None
    units_a_day: int | None = None
    units_a_month: int | None = None
    monthly_fen: int | None = None
    """The most in a calendar month; an award may name another sum."""
    rank: int = 1
    """Who pays first; the next pays of what is left."""
    running: bool = True
    """False: from this version on it pays nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pays:
    """How much a scheme pays of one elder's orders: `unit_fen` or `percent` of each unit; neither: all of it."""

    unit_fen: int | None = None
    percent: int | None = None
    units_a_day: int | None = None
    units_a_month: int | None = None
    monthly_fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeVersion:
    code: str
    version: int
    valid_from: date
    """Business day."""
    terms: SchemeTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """An official has said that an elder has a scheme."""

    id: UUID
    elder_id: UUID
    scheme_code: str
    from_day: date
    until_day: date
    """The last one; the day before `from_day`: it never held."""
    monthly_fen: int | None = None
    """None: as the scheme says."""
    reason: str = ""
    version: int = 1

    def holds(self, day: date) -> bool:
        return self.from_day <= day <= self.until_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidy:
    """What one scheme pays of an order, as it was said."""

    scheme_code: str
    scheme_version: int
    name: Words
    units: int
    fen: int
    award_id: UUID | None = None
    monthly_fen: int | None = None
    """The most in that month when it was said; None: no such limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a scheme pays of another order of the same elder."""

    day: date
    """Business day of the order."""
    scheme_code: str
    units: int
    fen: int
