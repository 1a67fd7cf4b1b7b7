"""`yian sim history`: months of a city's figures, simulated. It fills the facts alone."""

import asyncio
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import typer
import uvloop

from contracts.topics import ALARM_CASE, ORDER, WELFARE
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.metrics import store_simulated
from services.metrics.rules import month_after, month_of
from yian.history.known import is_demo, known_of
from yian.history.months import days_of
from yian.history.rates import USUAL
from yian.history.town import town_of
from yian.history.writing import Wanted, Written, write
from yian.up.trouble import Trouble

SAYS = (
    "A simulated history. It fills the facts from which figures are counted, and nothing else: the city gets no case,\n"
    "no order and no visit by it. Facts stay for good. Pages and exports say which months are simulated."
)
TOPICS = {ALARM_CASE.name: "moves of alarms", ORDER.name: "moves of orders", WELFARE.name: "moves of welfare visits"}


@dataclass(frozen=True, slots=True)
class HistoryOptions:
    months: int
    elders: int
    seed: int
    until: date | None
    """The last month, its first day; None: the one before the city's own figures begin."""
    dsn: str
    log: Path | None
    as_json: bool


def history_command(options: HistoryOptions) -> None:
    typer.echo(SAYS, err=options.as_json)
    written, months = uvloop.run(_made(options))
    if options.as_json:
        typer.echo(json.dumps(_figures(written, months), ensure_ascii=False))
        return
    typer.echo(f"{months[0]:%Y-%m} to {months[-1]:%Y-%m}, {options.elders:,} elders, seed {options.seed}:")
    for topic, what in TOPICS.items():
        typer.echo(f"  {written.events[topic]:>10,}  {what}")
    typer.echo(f"  {written.facts:>10,}  facts, new")
    typer.echo(f"  {written.counted:>10,}  days of counties counted")
    rate = sum(written.events.values()) / max(written.seconds, 1e-3)
    typer.echo(f"  in {written.seconds:.0f} s, {rate:,.0f} events a second")


def _figures(written: Written, months: Sequence[date]) -> dict[str, object]:
    return {
        "months": [f"{month:%Y-%m}" for month in months], "events": {**written.events}, "facts": written.facts,
        "days_counted": written.counted, "seconds": round(written.seconds, 1),
    }  # fmt: skip


async def _made(options: HistoryOptions) -> tuple[Written, list[date]]:
    db = Database(options.dsn, connections=2, name="yian sim history")
    await db.open()
    try:
        async with db.transaction() as tx:
            if not await is_demo(tx):
                raise Trouble(
                    "This is no demo city: its providers are not the demo's. Facts cannot be taken out again, so a"
                    " simulated history is written only into a demo city, `make up`."
                )
            months = await chosen_months(tx, options, business_day(datetime.now(UTC)))
            known = await known_of(tx)
        town = await asyncio.to_thread(town_of, known, elders=options.elders, seed=options.seed, rates=USUAL)
        wanted = Wanted(town=town, seed=options.seed, elders=options.elders, months=months, log=options.log)
        with _bar(sum(len(days_of(month)) for month in months)) as on_day:
            return await write(db, wanted, on_day=on_day), months
    finally:
        await db.close()


async def chosen_months(tx: Connection, options: HistoryOptions, today: date) -> list[date]:
    """They end before the city's own figures begin, so the two never mix.

    :raises Trouble: a month has figures of its own, is closed, or was simulated otherwise
    """
    real, made = await store_simulated.real(tx), await store_simulated.made(tx)
    last = options.until or month_after(min([*real, month_of(today)]), -1)
    months = [month_after(last, -n) for n in reversed(range(options.months))]
    if own := [month for month in months if month in real]:
        raise Trouble(
            f"{own[0]:%Y-%m} has figures of its own, which a simulated history would falsify:"
            f" end before it, with --until {month_after(own[0], -1):%Y-%m}."
        )
    if last >= month_of(today):
        raise Trouble(f"{last:%Y-%m} is not over: a history is of whole months that are.")
    for month in months:
        if made.get(month, (options.seed, options.elders)) != (options.seed, options.elders):
            seed, elders = made[month]
            raise Trouble(
                f"{month:%Y-%m} is simulated already, with --seed {seed} --elders {elders}: two histories of one month"
                " would be added up. Say the same again, or end before it with --until."
            )
    return months


@contextmanager
def _bar(days: int) -> Iterator[Callable[[], None]]:
    with typer.progressbar(length=days, label="Days", file=typer.get_text_stream("stderr")) as bar:
        yield lambda: bar.update(1)
