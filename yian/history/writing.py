"""A simulated history goes into the facts as real events do: in batches, by the consumer's own way, then counted."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice
from pathlib import Path

from backbone.bus import Delivered
from services.db.pool import Database
from services.metrics import store_simulated
from services.metrics.consumers import MOST_AT_ONCE, hear
from services.metrics.handlers import DAYS_AT_ONCE, count_due
from yian.history.months import days_of, events_of
from yian.history.rates import USUAL, Rates
from yian.history.town import Town


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    town: Town
    seed: int
    elders: int
    months: Sequence[date]
    rates: Rates = USUAL
    log: Path | None = None
    """Where each event is kept as it was told, a JSON line each."""


@dataclass(slots=True)
class Written:
    events: Counter[str] = field(default_factory=Counter)
    """By what they are of."""
    facts: int = 0
    """That were new."""
    counted: int = 0
    """Days of counties whose counts were made."""
    seconds: float = 0.0


async def write(db: Database, wanted: Wanted, *, on_day: Callable[[], None] = lambda: None) -> Written:
    """Done again it adds nothing. A month is noted as simulated before its first fact is there."""
    began, written = time.monotonic(), Written()
    if wanted.log:
        wanted.log.write_bytes(b"")
    for month in wanted.months:
        async with db.transaction() as tx:
            await store_simulated.note(tx, [month], seed=wanted.seed, elders=wanted.elders)
        await _keep(db, wanted, month, written, on_day)
        written.counted += await count_all(db)
    written.seconds = time.monotonic() - began
    return written


async def count_all(db: Database) -> int:
    counted = 0
    while True:
        async with db.transaction() as tx:
            days = await count_due(tx, at_most=DAYS_AT_ONCE)
        if not days:
            return counted
        counted += days


async def _keep(db: Database, wanted: Wanted, month: date, written: Written, on_day: Callable[[], None]) -> None:
    """While one batch is written the next is made."""
    batches = _batches(wanted, month, on_day)
    batch = await asyncio.to_thread(_next, batches)
    while batch:
        following = asyncio.create_task(asyncio.to_thread(_next, batches))
        try:
            written.facts += await hear(db, batch)
        finally:
            made = await following
        written.events.update(record.topic for record in batch)
        if wanted.log:
            await asyncio.to_thread(_kept, wanted.log, batch)
        batch = made


def _batches(wanted: Wanted, month: date, on_day: Callable[[], None]) -> Iterator[list[Delivered]]:
    def days() -> Iterator[Iterator[Delivered]]:
        for day in days_of(month):
            yield events_of(wanted.town, wanted.seed, day, wanted.rates)
            on_day()

    events = chain.from_iterable(days())
    while batch := list(islice(events, MOST_AT_ONCE)):
        yield batch


def _next(batches: Iterator[list[Delivered]]) -> list[Delivered]:
    """Empty: there are no more."""
    return next(batches, [])


def _kept(log: Path, batch: Sequence[Delivered]) -> None:
    with log.open("a", encoding="utf-8") as file:
        for one in batch:
            line = {"topic": one.topic, "key": one.key, "headers": one.headers, "value": one.value.decode()}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
