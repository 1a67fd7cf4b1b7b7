"""On which dates a series comes, and the order of each."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from dateutil.rrule import rrulestr

from dispatch.model import Order
from dispatch.week.model import Agenda, Horizon, Series

MIDNIGHT = datetime.time()
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


def wrong_in(rule: str, begins: datetime.date) -> str:
    """Why it is no rule of dates; "" = it is one."""
    if not re.search(rf"(^|;)FREQ=({'|'.join(FREQUENCIES)})(;|$)", rule):
        return f"it needs FREQ= with one of {', '.join(FREQUENCIES)}"
    try:
        _dates(rule, begins, begins, begins)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as broken:  # dateutil lets any of them out
        return str(broken) or "it cannot be read"
    return ""


@lru_cache(maxsize=65536)
def _dates(rule: str, begins: datetime.date, first: datetime.date, last: datetime.date) -> frozenset[datetime.date]:
    moments = rrulestr(rule, dtstart=datetime.datetime.combine(begins, MIDNIGHT))
    low, high = (datetime.datetime.combine(date, MIDNIGHT) for date in (first, last))
    return frozenset(moment.date() for moment in moments.between(low, high, inc=True))


def dates_of(series: Series, first: datetime.date, last: datetime.date) -> frozenset[datetime.date]:
    """From `first` to `last`, both included. ValueError if the rule is none."""
    return _dates(series.rule, series.begins, first, last) - series.except_dates


def order_on(series: Series, date: datetime.date) -> Order:
    """Ids are the series' own with `@` and the date, for instance `s12/1@2026-11-24`."""
    order = series.order
    return replace(
        order,
        id=f"{order.id}@{date}",
        visits=tuple(replace(visit, id=f"{visit.id}@{date}") for visit in order.visits),
        series_id=series.id,
    )


def due_on(series: tuple[Series, ...], date: datetime.date) -> Iterator[Order]:
    return (order_on(one, date) for one in series if date in dates_of(one, date, date))


def filled(horizon: Horizon) -> Horizon:
    """Every series has its order on each of its dates; those that are there already stay as they are."""
    first, last = horizon.agendas[0].date, horizon.agendas[-1].date
    due: dict[datetime.date, list[Series]] = {agenda.date: [] for agenda in horizon.agendas}
    for series in horizon.series:
        for date in dates_of(series, first, last):
            due[date].append(series)
    return replace(horizon, agendas=tuple(_with_orders(agenda, due[agenda.date]) for agenda in horizon.agendas))


def _with_orders(agenda: Agenda, due: list[Series]) -> Agenda:
    there = {order.series_id for order in agenda.orders}
    more = tuple(order_on(series, agenda.date) for series in due if series.id not in there)
    return replace(agenda, orders=(*agenda.orders, *more)) if more else agenda
