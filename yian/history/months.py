"""The events of a simulated history, day by day; the same town, seed and days give the same bytes."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import chain
from random import Random

from backbone.bus import Delivered
from yian.history.alarms import cases_of
from yian.history.orders import orders_of
from yian.history.rates import Rates
from yian.history.register import month_of
from yian.history.town import Scene, Town


def days_of(month: date) -> list[date]:
    following = (month + timedelta(days=31)).replace(day=1)
    return [month + timedelta(days=n) for n in range((following - month).days)]


def events_of(town: Town, seed: int, day: date, rates: Rates) -> Iterator[Delivered]:
    """Of cases and orders of this day; on the first of a month also of the month's welfare visits."""
    some = [
        cases_of(Scene(town, Random(f"{seed} alarms {day}"), rates), day),
        orders_of(Scene(town, Random(f"{seed} orders {day}"), rates), day),
    ]
    if day.day == 1:
        some.append(month_of(Scene(town, Random(f"{seed} register {day}"), rates), day))
    return chain(*some)
