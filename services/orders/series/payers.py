"""The end of what the city pays is told before it bites, and the series goes on or ends as the family chose."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.business_day import business_day
from services.catalogue import rules as catalogue
from services.catalogue.subsidies.model import Pays
from services.catalogue.subsidies.rules import is_less
from services.db.pool import Connection
from services.orders.paying import claims_of
from services.orders.series import rules, telling
from services.orders.series.model import EndReason, Planned, Series, ToldPayers, WhenUnpaid
from services.orders.series.outlook import Knowledge
from services.orders.series.prices import LOOK_AHEAD

A_DAY = timedelta(days=1)


def payers_on(known: Knowledge, day: date) -> dict[str, Pays | None]:
    """The schemes that pay for it on that day, by code, whether or not something is left of them then."""
    service = catalogue.in_force(known.services, day)
    claims = claims_of(known.purse, known.elder, service, day) if service else []
    return {claim.scheme.code: claim.pays for claim in claims}


def change_ahead(series: Series, known: Knowledge, first: date, last: date) -> ToldPayers | None:
    """The first visit that others pay for than the family was told, or not as much."""
    for planned in rules.served(series, first, last):
        schemes = payers_on(known, planned.day)
        if schemes != series.told_payers(planned.day):
            return ToldPayers(planned.day, schemes)
    return None


def with_payers(series: Series, payers: ToldPayers) -> Series:
    """From that day on, whatever was told of it before."""
    return replace(series, payers=(*(one for one in series.payers if one.from_day < payers.from_day), payers))


def first_unpaid(series: Series, known: Knowledge, today: date) -> Planned | None:
    """The first visit ahead that somebody no longer pays for who pays now."""
    ahead = rules.served(replace(series, ends_on=None), today, today + LOOK_AHEAD)
    if not ahead:
        return None
    told = series.told_payers(max(today, series.begins))
    now = payers_on(known, ahead[0].day) if told is None else told
    return next((planned for planned in ahead if now.keys() - payers_on(known, planned.day)), None)


def last_paid_day(known: Knowledge, unpaid: Planned, today: date) -> date:
    """Before the visit that is not paid for: the last day on which no more of those who pay had ended than on it."""
    gone, day = payers_on(known, unpaid.day).keys(), unpaid.day - A_DAY
    while day > today and payers_on(known, day).keys() == gone:
        day -= A_DAY
    return day


def with_end_of_payers(series: Series, known: Knowledge, now: datetime) -> Series:
    """Where the family wants it to end with what is paid for it: with the last day before the first visit that is
    not. An award that was prolonged takes the end back."""
    today = business_day(now)
    own_end = series.ends_on is not None and series.end_reason is not EndReason.ENTITLEMENT
    if own_end or (series.ends_on is not None and series.ends_on < today):
        return series
    unpaid = first_unpaid(series, known, today) if series.when_unpaid is WhenUnpaid.END else None
    if unpaid is None:
        return replace(series, ends_on=None, end_reason=None)
    return replace(series, ends_on=last_paid_day(known, unpaid, today), end_reason=EndReason.ENTITLEMENT)


async def with_payers_told(tx: Connection, series: Series, known: Knowledge, now: datetime) -> Series:
    """Looks at the days of which no visit is made yet; says once who ends, and who pays less. Who begins to pay, or
    pays more, is no bad news, and is read on the order."""
    today = business_day(now)
    going_on = replace(series, ends_on=None) if series.end_reason is EndReason.ENTITLEMENT else series
    first, last = max(today, series.made_until + A_DAY), today + LOOK_AHEAD
    while (found := change_ahead(going_on, known, first, last)) is not None:
        told = going_on.told_payers(found.from_day) or {}
        if ended := told.keys() - found.schemes.keys():
            await telling.subsidy_ends(tx, series, known, found.from_day, ended, now=now)
        for code in sorted(told.keys() & found.schemes.keys()):
            was, pays = told[code], found.schemes[code]
            if was and pays and is_less(pays, was):
                await telling.subsidy_falls(tx, series, known, found.from_day, code=code, was=was, pays=pays, now=now)
        going_on = with_payers(going_on, found)
    return replace(series, payers=going_on.payers)
