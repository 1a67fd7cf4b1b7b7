"""A simulated history through the platform's own way, and each figure beside what the raw log comes to.

The log is counted by `history_log`, which knows no rule and no SQL of the platform. In between a consumer is killed
amid a batch, devices and phones come back after three days, and somebody tampers with a fact.
"""

import asyncio
import csv
import io
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from services.db.pool import Database
from services.metrics import store_simulated
from services.metrics.consumers import hear
from services.metrics.handlers import count_due
from tests.integration.hear_facts import AT_ONCE, records_of
from tests.integration.history_log import (
    COUNTED,
    SECONDS,
    Log,
    by,
    counted,
    exact,
    interval,
    lengths,
    lines_of,
    of_region,
    read,
)  # fmt: skip
from tests.integration.two_counties import World, a_world
from yian.cli import app
from yian.history.command import HistoryOptions, chosen_months, history_command
from yian.history.known import known_of
from yian.history.months import days_of, events_of
from yian.history.rates import Rates
from yian.history.town import Town, town_of
from yian.history.writing import Wanted, count_all, write
from yian.servers.places import CHECKOUT
from yian.up.trouble import Trouble

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
MONTHS = {"2026-09": (SEPTEMBER, date(2026, 9, 30)), "2026-10": (OCTOBER, date(2026, 10, 31))}
RATES = Rates(alarms=1.2, technical=0.2, one_time=0.8, lunches=0.1, weekly=0.1, offline=0.04)
AWAY = Rates(alarms=9, technical=0, one_time=9, lunches=0, weekly=0, offline=1, offline_h=(70, 71.9))
"""Everything is without network for three days."""
ELDERS = 70


@dataclass
class Lived:
    world: World
    dsn: str
    town: Town
    kept: Path
    """The raw log."""
    models: dict[str, str]
    log: Log = field(default_factory=Log)

    def read(self) -> None:
        self.log = read(lines_of(self.kept), self.models)

    def regions(self) -> list[str]:
        """The city, all counties and towns, and villages: each where anything happened."""
        happened = {one.region for some in (self.log.cases, self.log.visits, self.log.register) for one in some} - {""}
        levels = [sorted({region[:digits] for region in happened}) for digits in (4, 6, 9, 12)]
        return ["4202", *levels[1], *levels[2], *levels[3][::6]]

    def rows(self, figure: str, region: str, month: str) -> list[Any]:
        return of_region(self.log, figure, "" if region == "4202" else region, *MONTHS[month])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lived(time_series_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lived]:
    async with a_world(time_series_dsn) as world:
        async with world.parts.db.transaction() as tx:
            known = await known_of(tx)
        town = town_of(known, elders=ELDERS, seed=1, rates=RATES)
        models = {row["device_id"]: row["model"] for row in await world.rows("SELECT device_id, model FROM devices")}
        yield Lived(world, time_series_dsn, town, tmp_path_factory.mktemp("log") / "events.jsonl", models)


def kept_as_told(log: Path, records: list[Any]) -> None:
    with log.open("a", encoding="utf-8") as file:
        for one in records:
            line = {"topic": one.topic, "key": one.key, "headers": one.headers, "value": one.value.decode()}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


async def test_a_month_is_written_once_and_its_log_is_kept(lived: Lived) -> None:
    wanted = Wanted(town=lived.town, seed=1, elders=ELDERS, months=[SEPTEMBER], rates=RATES, log=lived.kept)
    first = await write(lived.world.parts.db, wanted)
    log = lived.kept.read_bytes()
    again = await write(lived.world.parts.db, wanted)
    assert first.facts >= sum(first.events.values()) == len(log.splitlines())
    assert (again.events, again.facts, lived.kept.read_bytes()) == (first.events, 0, log)
    (cases,) = await lived.world.rows("SELECT count(*) AS n FROM alarm_cases WHERE opened_at < '2026-11-01'")
    (orders,) = await lived.world.rows("SELECT count(*) AS n FROM orders WHERE day < '2026-11-01'")
    assert (cases["n"], orders["n"]) == (0, 0), "nothing but facts is made"


async def test_a_consumer_killed_amid_a_batch_keeps_each_fact_once(lived: Lived, tmp_path: Path) -> None:
    """Its transaction has written a batch when it is killed; the next consumer begins a batch earlier."""
    october = [record for day in days_of(OCTOBER) for record in events_of(lived.town, 1, day, RATES)]
    log = tmp_path / "october.jsonl"
    kept_as_told(log, october)
    kept_as_told(lived.kept, october)
    (before,) = await lived.world.rows("SELECT coalesce(max(no), 0) AS no FROM fact_batches")
    heard = await asyncio.to_thread(killed_amid_a_batch, lived.dsn, log)
    (left,) = await lived.world.rows("SELECT max(no) AS no FROM fact_batches")
    assert 0 < heard < len(october)
    assert left["no"] == before["no"] + heard // AT_ONCE, "what was under way is gone as a whole"
    async with lived.world.parts.db.transaction() as tx:
        await store_simulated.note(tx, [OCTOBER], seed=1, elders=ELDERS)
    records = records_of(log, heard - AT_ONCE)
    for start in range(0, len(records), AT_ONCE):
        await hear(lived.world.parts.db, records[start : start + AT_ONCE])
    lived.read()
    for table, key in (("case_facts", "case_id"), ("visit_facts", "visit_id"), ("due_facts", "register_id, due_from")):
        (row,) = await lived.world.rows(
            f"SELECT count(*) AS n, count(DISTINCT ({key}, version)) AS one, count(DISTINCT event_id) AS events"
            f" FROM {table}"
        )
        assert row["n"] == row["one"] > 0, table
        kind = {"case_facts": "alarm.case_moved.v1", "visit_facts": "order.moved.v1"}.get(table, "welfare.due_moved.v1")
        assert row["events"] == sum(line.kind == kind for line in lines_of(lived.kept)), table


def killed_amid_a_batch(dsn: str, log: Path) -> int:
    """Returns how many records the consumer has said it is done with. Then it finds a table locked: it has written a
    batch but for what that makes due."""
    program = [sys.executable, "-m", "tests.integration.hear_facts", dsn, str(log), "0"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CHECKOUT), *sys.path])}
    with (
        psycopg.connect(dsn) as lock,
        psycopg.connect(dsn, autocommit=True) as server,
        subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=CHECKOUT, env=environment) as consumer,
    ):
        assert consumer.stdout
        said = [consumer.stdout.readline() for _ in range(2)]
        lock.execute("LOCK TABLE counts_due IN ACCESS EXCLUSIVE MODE")
        until(server, "wait_event_type = 'Lock'")
        consumer.kill()
        said += consumer.stdout.read().split()
        lock.rollback()
        until(server, "false", there=False)
    return int(said[-1])


def until(server: psycopg.Connection[Any], condition: str, *, there: bool = True) -> None:
    """The consumer is so at the server; not `there`: it has gone from it."""
    of = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'hears facts'"
    for _ in range(1_000):
        if bool(server.execute(f"{of} AND ({condition if there else 'true'})").fetchone()) is there:
            return
        time.sleep(0.02)
    raise AssertionError(f"{condition} is not so")


async def test_every_figure_of_every_region_is_what_the_raw_log_comes_to(lived: Lived) -> None:
    await count_all(lived.world.parts.db)
    async with lived.world.signed_in("regulator") as client:
        for month in MONTHS:
            for region in lived.regions():
                await agrees(lived, client, region, month)


async def agrees(lived: Lived, client: httpx.AsyncClient, region: str, month: str) -> None:
    told = (await client.get("/figures", params={"region": region, "month": month})).json()
    assert told["simulated"] == [f"{month}-01"]
    shown = {one["definition"]["id"]: one for one in told["figures"]}
    for figure in COUNTED:
        rows, said, least = lived.rows(figure, region, month), shown[figure]["figure"], shown[figure]["definition"]
        n, hits, excluded = counted(lived.log, figure, rows)
        where = f"{figure} of {region} in {month}"
        assert (said["n"], said["hits"], said["excluded"]) == (n, hits, excluded), where
        assert said["too_few"] == (n < least["minimum_n"]), where
        if said["too_few"]:
            assert (said["share"], said["low"], said["median_s"], said["p95_s"]) == (None, None, None, None), where
        elif figure in SECONDS:
            ordered = lengths(figure, rows)
            for quantile, value in ((0.5, said["median_s"]), (0.95, said["p95_s"])):
                assert value == pytest.approx(exact(ordered, quantile), rel=0.0101), where
        else:
            assert said["share"] == pytest.approx(hits / n), where
            assert (said["low"], said["high"]) == pytest.approx(interval(hits, n), abs=1e-9), where


@pytest.mark.parametrize("region", ["4202", "420202"])
async def test_every_part_region_and_day_of_a_figure_is_what_the_raw_log_comes_to(lived: Lived, region: str) -> None:
    """Beyond the sums: each provider, model, region below and day by itself."""
    digits = {4: 6, 6: 9}[len(region)]
    async with lived.world.signed_in("regulator") as client:
        for figure in COUNTED:
            asked = {"region": region, "month": "2026-10"}
            told = (await client.get(f"/figures/{figure}", params=asked)).json()
            rows = lived.rows(figure, region, "2026-10")
            for name, expected in (
                ("regions", by(figure, rows, lambda one: one.region[:digits])),
                ("parts", by(figure, rows, lambda one: one.part)),
                ("course", by(figure, rows, lambda one: one.day.isoformat())),
            ):
                said = {one["key"]: one["figure"] for one in told[name]}
                found = {key: (one["n"], one["hits"], one["excluded"]) for key, one in said.items()}
                assert {key: one for key, one in found.items() if any(one)} == expected, (figure, name)


async def test_evidence_names_the_events_of_each_case_and_visit_in_the_log(lived: Lived) -> None:
    events: dict[str, set[str]] = {}
    for line in lines_of(lived.kept):
        body = line.body
        for one in (body["case"],) if "case" in body else body.get("order", {}).get("visits", ()):
            events.setdefault(one["id"], set()).add(line.id)
    async with lived.world.signed_in("regulator") as client:
        for figure in ("false_alarms", "visits_on_time"):
            asked = {"region": "420281", "month": "2026-10", "limit": "200"}
            page = (await client.get(f"/figures/{figure}/evidence", params=asked)).json()
            assert page["items"], figure
            for one in page["items"]:
                assert set(one["events"]) == events[one["id"]]


async def test_three_days_without_network_delivered_shuffled_and_twice_change_their_own_days(lived: Lived) -> None:
    """September is closed before: it stays, and what changes is told apart."""
    async with lived.world.signed_in("regulator") as client:
        assert (await client.post("/figure-months/2026-09/close")).status_code == 200
        published = (await client.get("/figures", params={"region": "4202", "month": "2026-09"})).json()["figures"]
    september, chance = lived.log, random.Random(3)
    days = [*days_of(SEPTEMBER)[-2:], *days_of(OCTOBER)[1:3]]
    late = [record for day in days for record in events_of(lived.town, 2, day, AWAY)]
    kept_as_told(lived.kept, late)
    burst = [*late, *late]
    chance.shuffle(burst)
    for start in range(0, len(burst), 400):
        await hear(lived.world.parts.db, burst[start : start + 400])
    await count_all(lived.world.parts.db)
    lived.read()
    async with lived.world.signed_in("regulator") as client:
        for region in lived.regions()[::4]:
            await agrees(lived, client, region, "2026-10")
        still = (await client.get("/figures", params={"region": "4202", "month": "2026-09"})).json()["figures"]
        assert still == published
        restated = {name: [0, 0, 0] for name in COUNTED}
        cursor: dict[str, str] = {}
        while True:
            asked = {"limit": "200", **cursor}
            page = (await client.get("/figure-months/2026-09/restatements", params=asked)).json()
            for one in page["items"]:
                if one["figure"] in restated:
                    for at, what in enumerate(("n", "hits", "excluded")):
                        restated[one["figure"]][at] += one[f"{what}_after"] - one[f"{what}_before"]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    for figure, difference in restated.items():
        before = of_region(september, figure, "", *MONTHS["2026-09"])
        after = lived.rows(figure, "4202", "2026-09")
        expected = [
            b - a for a, b in zip(counted(september, figure, before), counted(lived.log, figure, after), strict=True)
        ]
        assert difference == expected, figure
    assert any(any(difference) for difference in restated.values())


async def test_a_file_of_a_closed_month_says_what_was_published_and_that_it_was_restated(lived: Lived) -> None:
    async with lived.world.signed_in("regulator") as client:
        asked = {"month": "2026-09", "format": "csv", "lang": "en"}
        text = (await client.get("/figure-exports", params=asked)).content.decode("utf-8-sig")
        shown = (await client.get("/figures", params={"month": "2026-09"})).json()
    published = {one["definition"]["id"]: one["figure"] for one in shown["figures"]}
    rows = {row["Code"]: row for row in csv.DictReader(io.StringIO(text))}
    for figure in COUNTED:
        row = rows[figure]
        assert (int(row["Counted"]), int(row["Left out"])) == (published[figure]["n"], published[figure]["excluded"])
        assert (row["Closed"], row["Simulated"]) == ("2026-09", "2026-09")
    assert int(rows["alarm_closed"]["Restated since"]) > 0


async def test_several_who_count_days_of_one_month_come_to_one_sum(lived: Lived) -> None:
    """Workers count beside each other, and beside a history that is written."""
    db = lived.world.parts.db
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM month_counts WHERE month = '2026-10-01'")
        await tx.execute(
            "INSERT INTO counts_due SELECT DISTINCT 'visit', day, county FROM counted_visits WHERE day >= '2026-10-01'"
            " UNION SELECT DISTINCT 'case', day, county FROM counted_cases WHERE day >= '2026-10-01'"
            " UNION SELECT DISTINCT 'register', day, county FROM counted_register WHERE day >= '2026-10-01'"
        )

    async def some() -> None:
        counted = 1
        while counted:
            async with db.transaction() as tx:
                counted = await count_due(tx, at_most=7)

    await asyncio.gather(*(some() for _ in range(4)))
    assert (await command(lived, "recompute", "--month", "2026-10"))[0] == 0


async def command(lived: Lived, *words: str) -> tuple[int, str]:
    environment = {"YIAN_DATABASE": lived.dsn}
    done = await asyncio.to_thread(CliRunner().invoke, app, ["metrics", *words], env=environment)
    return done.exit_code, done.output


async def test_recompute_agrees_and_names_a_fact_that_was_tampered_with(lived: Lived) -> None:
    for month in MONTHS:
        code, said = await command(lived, "recompute", "--month", month)
        assert code == 0, said
    assert (await command(lived, "verify"))[0] == 0
    one = "(SELECT visit_id FROM visit_facts WHERE state = 'done' AND day >= '2026-10-05' ORDER BY visit_id LIMIT 1)"
    with psycopg.connect(lived.dsn) as server:
        server.execute("ALTER TABLE visit_facts DISABLE TRIGGER visit_facts_stay")
        server.execute(f"UPDATE visit_facts SET state = 'missed' WHERE state = 'done' AND visit_id = {one}")
        server.execute("ALTER TABLE visit_facts ENABLE TRIGGER visit_facts_stay")
    code, said = await command(lived, "recompute", "--month", "2026-10")
    assert code == 1
    assert "visits_done v1" in said
    code, said = await command(lived, "verify")
    assert code == 1
    assert "was changed" in said


async def test_a_history_never_mixes_with_figures_of_the_citys_own(lived: Lived) -> None:
    """Nor with another history, and it is written in no city but a demo's."""

    def options(**changes: Any) -> HistoryOptions:
        same = {"months": 2, "elders": ELDERS, "seed": 1, "until": OCTOBER, "dsn": lived.dsn, "log": None}
        return HistoryOptions(**{**same, "as_json": False, **changes})

    today = date(2026, 11, 20)
    db = Database(lived.dsn, connections=1)
    await db.open()
    async with db.transaction() as tx:
        assert await chosen_months(tx, options(), today) == [SEPTEMBER, OCTOBER]
        assert await chosen_months(tx, options(until=None), today) == [SEPTEMBER, OCTOBER]
        for changes, says in (({"seed": 2}, "is simulated already"), ({"until": date(2026, 11, 1)}, "is not over")):
            with pytest.raises(Trouble, match=says):
                await chosen_months(tx, options(**changes), today)
        await tx.execute("DELETE FROM simulated_months WHERE month = '2026-10-01'")
        with pytest.raises(Trouble, match=r"2026-10 has figures of its own.*--until 2026-09"):
            await chosen_months(tx, options(), today)
        assert (await chosen_months(tx, options(until=None, months=1), today)) == [SEPTEMBER]
        await tx.execute("ROLLBACK")
        await tx.execute("BEGIN")
    await db.close()
    with pytest.raises(Trouble, match="no demo city"):
        await asyncio.to_thread(history_command, options())
