"""What came of the dates of a series: an order, or the reason why there is none. Pure."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.catalogue.model import Words
from services.elders.life.model import FOR_GOOD
from services.orders.draft import Wish
from services.orders.refusals import NotTaken
from services.orders.series.model import FAR_FUTURE, Planned, Series, Terms
from services.orders.series.rules import AROUND, window
from services.orders.states import OrderState


class DateState(StrEnum):
    PLACED = "placed"  # 已安排
    WAITING = "waiting"  # 待安排: tried again every day
    REFUSED = "refused"  # 未安排


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDate:
    rule_day: date
    day: date
    state: DateState
    agreed: str
    """Digest of what the order was placed for."""
    order_id: UUID | None = None
    code: str | None = None
    says: Words | None = None
    order_state: OrderState | None = None
    """As it is now; only read."""
    total_fen: int | None = None
    """Of the order; only read."""
    self_pay_fen: int | None = None
    """The same."""
    dishes: tuple[Words, ...] = ()
    """Of the order; only read."""


def terms_of(series: Series, planned: Planned) -> Terms:
    return next(one.terms for one in series.versions if one.version == planned.terms_version)


def agreed(series: Series, planned: Planned) -> str:
    """Two that are the same need no new order."""
    terms, hours = terms_of(series, planned), planned.hours
    meal = terms.meal
    said: list[Any] = [planned.day.isoformat(), hours.earliest_min, hours.latest_min, hours.at_min]
    said += [terms.quantity, str(terms.provider_id), terms.worker_sex, terms.note]
    if meal:
        said += [str(meal.kitchen_id), meal.meal, sorted(str(one) for one in meal.favourites)]
        said += [meal.soft, meal.low_salt, meal.low_sugar]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def wish_of(series: Series, planned: Planned, dish_id: UUID | None = None) -> Wish:
    """:param dish_id: of a meal"""
    terms = terms_of(series, planned)
    begins, until = window(planned)
    return Wish(
        elder_id=series.elder_id,
        provider_id=terms.provider_id,
        service_code=series.service_code,
        wished_from=begins,
        wished_until=until,
        quantity=1 if terms.meal else terms.quantity,
        worker_sex=terms.worker_sex,
        note=terms.note,
        kitchen_id=terms.meal.kitchen_id if terms.meal else None,
        dishes=((dish_id, terms.quantity),) if dish_id else (),
    )


MENU_NOT_YET = "series.menu_not_yet"
SAID_AHEAD = timedelta(days=2)
"""Kitchens write their menus some days ahead: that one is missing is said when it is near."""


def tells(made: MadeDate, before: MadeDate | None, today: date) -> bool:
    """Whether the family is told of this refusal; of the same again only once, which who tells sees to."""
    if made.code == MENU_NOT_YET and made.day > today + SAID_AHEAD:
        return False
    near = made.code == MENU_NOT_YET and made.day == today + SAID_AHEAD
    return near or before is None or (before.code, before.state) != (made.code, made.state)


def said(refusal: NotTaken) -> Words:
    return Words(**refusal.members["says"])


def last_look(series: Series) -> date | None:
    """After this day nothing is left to make; None: it goes on."""
    newest, life = series.versions[-1], series.life
    for_good = life.from_day if life.state in FOR_GOOD else None
    ends = [end for end in (newest.last, series.ends_on, for_good) if end not in (None, FAR_FUTURE)]
    return min(end for end in ends if end) + AROUND if ends else None
