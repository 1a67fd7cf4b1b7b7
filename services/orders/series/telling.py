"""What is published about series, keyed by the planning area."""

from collections.abc import Set
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from backbone.bus import Record
from contracts import topics
from contracts.envelope import headers
from contracts.order import NameOnOrder, PersonOnOrder
from contracts.series import (
    OfSeries,
    PaysOnSeries,
    SeriesDateRefused,
    SeriesPriceChanges,
    SeriesSubsidyEnds,
    SeriesSubsidyFalls,
)
from services.catalogue.subsidies.model import Pays
from services.db import outbox
from services.db.pool import Connection
from services.orders.series.dates import MadeDate
from services.orders.series.model import Series, ToldPrice, WhenUnpaid
from services.orders.series.outlook import Knowledge


async def price_changes(
    tx: Connection, series: Series, known: Knowledge, price: ToldPrice, *, before_fen: int, now: datetime
) -> None:
    event = SeriesPriceChanges(
        **_of(series, known, price.from_day, now),
        from_day=price.from_day,
        price_fen_before=before_fen,
        price_fen=price.price_fen,
    )
    await _say(tx, event, event_id=f"{series.id}:{price.from_day}:{price.price_fen}")


async def subsidy_ends(
    tx: Connection, series: Series, known: Knowledge, from_day: date, schemes: Set[str], *, now: datetime
) -> None:
    """:param schemes: codes of those that no longer pay"""
    names = [known.purse.schemes[code][-1].terms.name for code in sorted(schemes) if code in known.purse.schemes]
    event = SeriesSubsidyEnds(
        **_of(series, known, from_day, now),
        from_day=from_day,
        subsidies=tuple(NameOnOrder(zh=name.zh, en=name.en) for name in names),
        goes_on=series.when_unpaid is WhenUnpaid.GO_ON,
    )
    await _say(tx, event, event_id=f"{series.id}:{from_day}:{','.join(sorted(schemes))}")


async def subsidy_falls(
    tx: Connection,
    series: Series,
    known: Knowledge,
    from_day: date,
    *,
    code: str,
    was: Pays,
    pays: Pays,
    now: datetime,
) -> None:
    """:param code: of the scheme that pays less"""
    event = SeriesSubsidyFalls(
        **_of(series, known, from_day, now),
        from_day=from_day,
        unit=known.unit(from_day),
        subsidy=NameOnOrder(**asdict(known.purse.schemes[code][-1].terms.name)),
        pays_before=PaysOnSeries(**asdict(was)),
        pays=PaysOnSeries(**asdict(pays)),
    )
    await _say(tx, event, event_id=f"{series.id}:{from_day}:{code}:{':'.join(map(str, asdict(pays).values()))}")


async def refused(tx: Connection, series: Series, known: Knowledge, made: MadeDate, now: datetime) -> None:
    assert made.code is not None
    assert made.says is not None
    event = SeriesDateRefused(
        **_of(series, known, made.day, now),
        day=made.day,
        code=made.code,
        says=NameOnOrder(zh=made.says.zh, en=made.says.en),
        tried_again=made.state == "waiting",
    )
    await _say(tx, event, event_id=f"{series.id}:{made.rule_day}:{made.state}:{made.code}")


def _of(series: Series, known: Knowledge, day: date, now: datetime) -> dict[str, Any]:
    """:param day: on which the service has the name that is said"""
    elder, name = known.elder, known.service_name(day)
    return {
        "series_id": series.id,
        "elder": PersonOnOrder(id=elder.id, name=elder.name),
        "area": elder.region_code[:6],
        "region_code": elder.region_code,
        "service_code": series.service_code,
        "service_name": NameOnOrder(zh=name.zh, en=name.en),
        "at": now,
    }


async def _say(tx: Connection, event: OfSeries, *, event_id: str) -> None:
    said = headers(event.TYPE, event.SOURCE, event_id=event_id, at=event.at)
    await outbox.append(tx, [Record(topic=topics.SERIES.name, key=event.area, headers=said, value=event.value())])
