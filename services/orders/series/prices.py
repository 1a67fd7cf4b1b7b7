"""A price that will change is told before it bites."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from services.business_day import business_day
from services.db.pool import Connection
from services.orders.series import rules, telling
from services.orders.series.dates import terms_of
from services.orders.series.model import Series, ToldPrice
from services.orders.series.outlook import Knowledge

LOOK_AHEAD = timedelta(days=45)
"""A dated price is told once its first visit is so near. Visits made already keep the price they were ordered at."""


def change_ahead(series: Series, known: Knowledge, first: date, last: date) -> ToldPrice | None:
    """The first visit that will cost something else than the family was told."""
    for planned in rules.served(series, first, last):
        price_fen = known.price_on(terms_of(series, planned), planned.day)
        if price_fen is not None and price_fen != series.told_price(planned.day):
            return ToldPrice(planned.day, price_fen)
    return None


def with_price(series: Series, price: ToldPrice) -> Series:
    """From that day on, whatever was told of it before."""
    return replace(series, prices=(*(one for one in series.prices if one.from_day < price.from_day), price))


async def with_prices_told(tx: Connection, series: Series, known: Knowledge, now: datetime) -> Series:
    """Looks at the days of which no visit is made yet; says each change once."""
    today = business_day(now)
    first, last = max(today, series.made_until + timedelta(days=1)), today + LOOK_AHEAD
    while (found := change_ahead(series, known, first, last)) is not None:
        before = series.told_price(found.from_day)
        if before is not None:
            await telling.price_changes(tx, series, known, found, before_fen=before, now=now)
        series = with_price(series, found)
    return series
