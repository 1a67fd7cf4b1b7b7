"""What the demo city pays of orders, as the plans of 黄石 and other cities have it, and who has been awarded it."""

from collections.abc import Iterator
from datetime import date
from uuid import NAMESPACE_URL, uuid5

from services.catalogue.model import Words
from services.catalogue.subsidies.model import Award, SchemeTerms, SchemeVersion
from services.catalogue.subsidies.rules import why_not
from services.catalogue.subsidies.store import SubsidyStore
from services.db.pool import Connection
from services.elders.model import Elder, RegisterFlag

SINCE = date(2026, 1, 1)
CITY = ("4202",)
MEALS_FROM_70, MEALS_FROM_80, SERVICES, ALLOWANCE = (
    "meals_from_70",
    "meals_from_80",
    "bought_services",
    "care_allowance",
)
FULL_FEN: dict[str, tuple[int, int]] = {SERVICES: (40_000, 20_000), ALLOWANCE: (20_000, 10_000)}
"""A month: of who is disabled, of who is only very old."""

_A_MEAL = frozenset({"meal"})
_VERY_OLD = 80
_TERMS = {
    MEALS_FROM_70: SchemeTerms(
        name=Words("70–79岁助餐补贴", "Meal subsidy, 70 to 79"), region_codes=CITY, categories=_A_MEAL,
        from_age=70, below_age=_VERY_OLD, unit_fen=500, units_a_day=1, units_a_month=26,
    ),
    MEALS_FROM_80: SchemeTerms(
        name=Words("80岁以上助餐补贴", "Meal subsidy, 80 and over"), region_codes=CITY, categories=_A_MEAL,
        from_age=_VERY_OLD, unit_fen=800, units_a_day=1, units_a_month=26,
    ),
    SERVICES: SchemeTerms(
        name=Words("政府购买服务", "Services bought by the city"), region_codes=CITY, awarded=True, rank=2,
    ),
    ALLOWANCE: SchemeTerms(
        name=Words("养老服务补贴", "Care allowance"), region_codes=CITY, awarded=True, rank=3,
        register_flags=frozenset({RegisterFlag.LOW_INCOME}),
    ),
}  # fmt: skip


def schemes() -> Iterator[SchemeVersion]:
    for code, terms in _TERMS.items():
        yield SchemeVersion(code=code, version=1, valid_from=SINCE, terms=terms)


def awards(elder: Elder, today: date) -> Iterator[Award]:
    """Of who is disabled or very old; until the end of the year, as they are looked at anew each year."""
    disabled = RegisterFlag.DISABLED in elder.register_flags
    if not disabled and RegisterFlag.ADVANCED_AGE not in elder.register_flags:
        return
    for code, (much, less) in FULL_FEN.items():
        if why_not(_TERMS[code], elder, today) is None:
            yield Award(
                id=uuid5(NAMESPACE_URL, f"yian:demo:award:{code}:{elder.id}"),
                elder_id=elder.id,
                scheme_code=code,
                from_day=SINCE,
                until_day=date(today.year, 12, 31),
                monthly_fen=much if disabled else less,
                reason="演示核定",
            )


async def set_schemes(tx: Connection) -> None:
    """Those there are already stay as they are."""
    for scheme in schemes():
        await SubsidyStore(tx).add_scheme(scheme, by=None)


async def award(tx: Connection, elder: Elder, today: date) -> None:
    for one in awards(elder, today):
        await SubsidyStore(tx).add_award(one, by=None)
