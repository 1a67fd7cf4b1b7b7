"""Looking at devices and desks, on a real database of both kinds: an hour, a day, batteries, ten minutes. Beside each a
count in plain Python."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from services.business_day import day_starts_at
from services.db.migrate import migrate
from services.db.pool import Connection, Database
from services.elders.store_regions import RegionStore, packaged_regions
from services.metrics import handlers, store_facts, store_figures, store_watching, watching
from services.metrics.facts_devices import PressFact
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Figure, Subject
from services.metrics.store_figures import Evidence, Span
from services.metrics.store_recount import recount
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

DAY = date(2026, 10, 10)
START = day_starts_at(DAY).astimezone(UTC)
END = START + timedelta(days=1)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
VILLAGES = ("420202006001", "420281104208")
NOT_LOOKED, INCIDENT = 15, 9
"""Hours of the day."""
PRESSED = 5
"""The hour in which one that is silent presses its button."""


@dataclass
class Worn:
    """A device, when it was bound, and when it said something."""

    device: str
    model: str
    every_s: int
    village: str
    bound_at: datetime
    unbound_at: datetime | None = None
    away: bool = False
    said: list[datetime] = field(default_factory=list)
    pressed: list[datetime] = field(default_factory=list)

    def served(self) -> set[int]:
        until = self.unbound_at or END
        return {h for h in range(24) if self.bound_at <= START + h * HOUR and START + (h + 1) * HOUR <= until}

    def silent(self) -> set[int]:
        """Without the moments right after an hour, in which nobody here says anything."""
        least = max(HOUR, 3 * timedelta(seconds=self.every_s))
        ends = {h: START + (h + 1) * HOUR for h in self.served()}
        return {h for h, end in ends.items() if not any(end - least <= at < end for at in (*self.said, *self.pressed))}


def devices() -> list[Worn]:
    chance = random.Random(3)
    long_ago = START - timedelta(days=30)
    found = []
    for n in range(24):
        every_s = (600, 600, 600, 3600, 86_400)[n % 5]
        worn = Worn(f"W-{n:02}", ("手环 W3", "烟感 S1")[n % 2], every_s, VILLAGES[n % 3 == 0], long_ago)
        if n % 7 == 1:
            worn.bound_at = START + 4 * HOUR + 20 * MINUTE
        if n % 7 == 2:
            worn.unbound_at = START + 19 * HOUR + 50 * MINUTE
        worn.away = n % 8 == 7
        away_from, away_for = chance.randrange(30), chance.choice((0, 0, 3, 26))
        for h in range(-30, 24):
            if not away_from <= h < away_from + away_for:
                worn.said.append(START + h * HOUR + chance.randrange(6, 59) * MINUTE)
        found.append(worn)
    found[3].said = []
    return found


class Town:
    def __init__(self, db: Database) -> None:
        self.db = db
        self.devices = devices()

    async def run(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        async with self.db.transaction() as tx:
            cursor = await tx.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

    async def settle(self, tx: Connection) -> None:
        await RegionStore(tx).load(packaged_regions())
        for n, one in enumerate(self.devices, start=1):
            await add_device(tx, UUID(int=n), one)
        await tx.execute(
            "INSERT INTO broker_incidents (began_at, ended_at, devices) VALUES (%s, %s, 9)",
            (START + INCIDENT * HOUR + 50 * MINUTE, START + (INCIDENT + 1) * HOUR - MINUTE),
        )

    async def press(self, tx: Connection, one: Worn, at: datetime) -> None:
        press = PressFact(f"{one.device}/e", UUID(int=9), at, at, one.device, "sos", False, False, True)
        await handlers.keep_facts(tx, {Subject.PRESS: [press]})
        one.pressed.append(at)

    async def pass_hour(self, hour: int) -> bool:
        """Everything that was said by the end of the hour is there when it is looked at."""
        end = START + (hour + 1) * HOUR
        now = end + timedelta(seconds=40)
        async with self.db.transaction() as tx:
            if hour == PRESSED:
                await self.press(tx, self.devices[3], end - 30 * MINUTE)
            for one in self.devices:
                heard = max((at for at in one.said if at < now), default=None)
                await tx.execute("UPDATE device_states SET last_seen_at = %s WHERE device_id = %s", (heard, one.device))
                if one.unbound_at and one.unbound_at < now:
                    await tx.execute(
                        "UPDATE device_bindings SET unbound_at = %s WHERE device_id = %s AND unbound_at IS NULL",
                        (one.unbound_at, one.device),
                    )
        async with self.db.transaction() as tx:
            late = timedelta(minutes=9) if hour == NOT_LOOKED else timedelta(0)
            return await watching.look_at_hour(tx, now + late)

    async def shown(self, region: str = "4202") -> dict[str, Figure]:
        async with self.db.transaction() as tx:
            while await handlers.count_due(tx, at_most=100):
                pass
            return {one.definition.id: one.figure for one in await handlers.figures(tx, region, Span(first=OCTOBER))}

    async def evidence(self, figure: str, standing: str | None) -> list[Evidence]:
        definition = next(one for one in DEFINITIONS if one.id == figure)
        async with self.db.transaction() as tx:
            return await store_figures.evidence(
                tx, definition, Span(first=OCTOBER), "4202", part=None, standing=standing, after=None, limit=900
            )


OCTOBER = date(2026, 10, 1)


async def add_device(tx: Connection, id_: UUID, one: Worn) -> None:
    await tx.execute(
        "INSERT INTO elders (id, name, sex, birth_date, ability_level, living_situation, address, region_code)"
        " VALUES (%s, 'x', 'female', '1940-01-01', 'intact', 'alone', '', %s)",
        (id_, one.village),
    )
    await tx.execute(
        "INSERT INTO devices (device_id, model, kind, report_interval_seconds, credential_hash)"
        " VALUES (%s, %s, 'watch', %s, 'x')",
        (one.device, one.model, one.every_s),
    )
    await tx.execute(
        "INSERT INTO device_bindings (id, device_id, elder_id, bound_at) VALUES (%s, %s, %s, %s)",
        (id_, one.device, id_, one.bound_at),
    )
    await tx.execute("INSERT INTO device_states (device_id) VALUES (%s)", (one.device,))
    if one.away:
        await tx.execute(
            "INSERT INTO elder_lives (elder_id, state, from_day, version) VALUES (%s, 'in_hospital', %s, 1)",
            (id_, DAY),
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(time_series_dsn: str) -> AsyncIterator[Town]:
    await migrate(time_series_dsn)
    db = Database(time_series_dsn, connections=4)
    await db.open()
    town = Town(db)
    async with db.transaction() as tx:
        await town.settle(tx)
    looked = [await town.pass_hour(hour) for hour in range(24)]
    assert looked == [hour != NOT_LOOKED for hour in range(24)]
    yield town
    await db.close()


async def test_an_hour_is_looked_at_once_and_only_right_after_it(town: Town) -> None:
    for now in (END + timedelta(seconds=40), END + timedelta(seconds=5), END + 20 * MINUTE):
        async with town.db.transaction() as tx:
            assert not await watching.look_at_hour(tx, now)
    assert await town.run("SELECT 1 FROM device_looks") == 23 * [{"?column?": 1}]


async def test_devices_online_are_the_hours_in_which_they_were_heard(town: Town) -> None:
    async with town.db.transaction() as tx:
        due = await watching.days_due(tx, END + 10 * MINUTE)
        assert due == [("heard", DAY)]
        assert await watching.write_day(tx, "heard", DAY, END + 10 * MINUTE) > 0
        assert await watching.write_day(tx, "heard", DAY, END + 10 * MINUTE) == 0
        assert await watching.days_due(tx, END + 10 * MINUTE) == []
    seen = set(range(24)) - {NOT_LOOKED, INCIDENT}
    for region in ("4202", "420202", "420281"):
        mine = [one for one in town.devices if region == "4202" or one.village.startswith(region)]
        there = [one for one in mine if not one.away]
        hours = sum(len(one.served() & seen) for one in there)
        silent = sum(len(one.served() & seen & one.silent()) for one in there)
        left_out = sum(len(one.served() - seen) for one in mine)
        left_out += sum(len(one.served() & seen) for one in mine if one.away)
        told = (await town.shown(region))["devices_online"]
        assert (told.n, told.hits, told.excluded) == (hours, hours - silent, left_out), region
        assert 0 < silent < hours


async def test_evidence_names_each_device_that_was_silent_and_its_hours(town: Town) -> None:
    seen = set(range(24)) - {NOT_LOOKED, INCIDENT}
    silent = {one.device: sorted(one.served() & seen & one.silent()) for one in town.devices if not one.away}
    said = {
        tuple(event.split(" · ")) for one in await town.evidence("devices_online", "missed") for event in one.events
    }
    wanted = {(f"look/heard/{DAY}", device, ",".join(map(str, hours))) for device, hours in silent.items() if hours}
    assert said == wanted
    assert "W-03" in silent
    assert PRESSED not in silent["W-03"]


async def test_readings_count_to_the_day_they_were_measured_in_however_late_they_came(town: Town) -> None:
    chance, readings = random.Random(5), []
    came = {}
    for one in town.devices:
        times = [at for at in range(0, 86_400, 600) if chance.random() < (0.5 if one.device == "W-05" else 0.97)]
        came[one.device] = len(times)
        for at in (*times, -600, 86_400):  # and of the days beside it
            measured = int((START + timedelta(seconds=at)).timestamp() * 1e6)
            late = measured + chance.choice((1_000_000, 70 * 3_600_000_000))
            readings.append(Reading(one.device, "heart_rate", "/min", measured, late, 70.0, None, False))
    chance.shuffle(readings)
    async with town.db.transaction() as tx:
        await write_readings(tx, readings)
        await write_readings(tx, readings[:200])  # again
    async with town.db.transaction() as tx:
        assert ("measured", DAY) not in await watching.days_due(tx, END + timedelta(days=2, hours=23))
        assert ("measured", DAY) in await watching.days_due(tx, END + timedelta(days=3))
        await watching.write_day(tx, "measured", DAY, END + timedelta(days=3))
    told = (await town.shown())["readings_complete"]
    promised = {one.device: len(one.served()) * 3600 // one.every_s for one in town.devices}
    there = [one.device for one in town.devices if not one.away]
    away = [one.device for one in town.devices if one.away]
    assert told.n == sum(promised[one] for one in there)
    assert told.hits == sum(min(promised[one], came[one]) for one in there)
    assert told.excluded == sum(promised[one] for one in away)
    named = {event.split(" · ")[1] for one in await town.evidence("readings_complete", "missed")
             for event in one.events if event.count(" · ") == 1}  # fmt: skip
    assert named == {one for one in there if came[one] < 0.9 * promised[one]}
    assert "W-05" in named


async def test_a_battery_is_low_from_when_it_was_told_until_it_is_charged_or_taken_off(town: Town) -> None:
    at = START + timedelta(days=5)

    async def told(device: str, happened: datetime, received: datetime) -> None:
        fact = PressFact(f"{device}/b", UUID(int=int(device[2:]) + 50), happened, received, device, "low_battery", True,
                         True, True)  # fmt: skip
        async with town.db.transaction() as tx:
            await handlers.keep_facts(tx, {Subject.PRESS: [fact]})

    since = [datetime(2026, 1, 1, tzinfo=UTC)]

    async def look(now: datetime, **batteries: float | None) -> None:
        for device, pct in batteries.items():
            await town.run(
                "UPDATE device_states SET battery_pct = %s WHERE device_id = %s", pct, device.replace("_", "-")
            )
        async with town.db.transaction() as tx:
            await watching.look_at_batteries(tx, since[-1], now)
            since.append(await store_watching.clock(tx))

    await told("W-10", at - timedelta(hours=70), at)  # offline for three days
    await told("W-11", at, at + MINUTE)
    await look(at + HOUR, W_10=None, W_11=19, W_12=12, W_13=21, W_14=3)
    await look(at + 2 * HOUR, W_10=49, W_11=50, W_12=30)
    await town.run("UPDATE device_bindings SET unbound_at = %s WHERE device_id = 'W-12'", at + 2 * HOUR + MINUTE)
    await look(at + 3 * HOUR, W_10=100)
    ended = sorted([73.0, 2.0, 1 + 1 / 60])
    rows = await town.run("SELECT device_id, state, low_s, day FROM counted_batteries ORDER BY device_id")
    assert [(row["device_id"], row["state"]) for row in rows] == [
        ("W-10", "charged"), ("W-11", "charged"), ("W-12", "replaced"), ("W-14", "low"),
    ]  # fmt: skip
    assert sorted(row["low_s"] for row in rows if row["low_s"] is not None) == [hours * 3600 for hours in ended]
    assert rows[0]["day"] == (at - timedelta(hours=70) + 8 * HOUR).date(), "on which it was low for the first time"
    told_of = (await town.shown())["low_battery_age"]
    assert (told_of.n, told_of.excluded) == (3, 1)
    assert [row["device_id"] for row in await town.run("SELECT device_id FROM low_batteries")] == ["W-14"]
    events = [event for one in await town.evidence("low_battery_age", None) for event in one.events]
    assert {"W-10/b", "W-11/b"} <= set(events)


async def test_who_is_at_a_desk_for_most_of_ten_minutes_is_on_shift(town: Town) -> None:
    end = datetime(2026, 10, 20, 6, 0, tzinfo=UTC)
    begin = end - timedelta(minutes=10)
    consoles = {  # account → role, regions, spans in minutes of the ten
        1: ("operator", ("4202",), [(-30, 40)]),
        2: ("operator", ("420202",), [(0, 3), (4, 9)]),
        3: ("operator", ("420281",), [(6, 10)]),
        4: ("supervisor", ("4202",), [(0, 10)]),
        5: ("operator", ("420202", "420281"), [(-5, 5)]),
        6: ("operator", ("4202",), [(-30, 0)]),
    }
    for n, (role, regions, spans) in consoles.items():
        await town.run(
            "INSERT INTO accounts (id, username, name, role, password_hash) VALUES (%s, %s, 'x', %s, 'x')",
            UUID(int=n), f"desk{n}", role,
        )  # fmt: skip
        for region in regions:
            await town.run("INSERT INTO account_regions VALUES (%s, %s)", UUID(int=n), region)
        for opened, seen in spans:
            await town.run(
                "INSERT INTO console_connections VALUES (gen_random_uuid(), %s, %s, %s)",
                UUID(int=n), begin + opened * MINUTE, begin + seen * MINUTE,
            )  # fmt: skip
    await a_case(town, 1, VILLAGES[0], opened=end - timedelta(hours=5), closed=None)
    await a_case(town, 2, VILLAGES[1], opened=begin, closed=None)
    await a_case(town, 3, None, opened=begin, closed=end + MINUTE)
    await a_case(town, 4, VILLAGES[0], opened=begin, closed=end - MINUTE)
    await a_case(town, 5, VILLAGES[0], opened=end + MINUTE, closed=None)
    await a_case(town, 6, VILLAGES[0], opened=begin, closed=None, worklist=True)
    async with town.db.transaction() as tx:
        assert await watching.look_at_desks(tx, end + timedelta(seconds=5)) == 4, "the last ten minutes are too fresh"
    async with town.db.transaction() as tx:
        assert await watching.look_at_desks(tx, end + timedelta(seconds=20)) == 1
        assert await watching.look_at_desks(tx, end + timedelta(seconds=40)) == 0
    rows = await town.run(
        "SELECT subject_id, region_code, standing FROM load_facts WHERE what = 'on_shift' AND begins_at = %s"
        " ORDER BY subject_id",
        begin,
    )
    assert [(row["subject_id"].int, row["region_code"], row["standing"]) for row in rows] == [
        (1, "4202", 3), (2, "420202", 2), (5, "4202", 3),
    ]  # fmt: skip


async def test_the_facts_alone_come_to_the_same_counts_and_their_chain_holds(town: Town) -> None:
    await town.shown()
    async with town.db.transaction() as tx:
        assert await recount(tx, OCTOBER, DEFINITIONS) == []
        assert [one async for one in store_facts.verify(tx)] == []


async def a_case(
    town: Town, n: int, region: str | None, *, opened: datetime, closed: datetime | None, worklist: bool = False
) -> None:
    columns: Sequence[str] = (
        "id", "version", "kind", "join_key", "subject", "priority", "worklist", "state", "device_id", "region_code",
        "response_plan", "opened_at", "occurred_at", "received_at", "rang_at", "time_suspect", "press_count",
        "closed_at", "moved_at",
    )  # fmt: skip
    values = (
        UUID(int=n), 1, "sos", f"sos{n}", f"device:{n}", 1, worklist, "closed" if closed else "open", "W-1", region,
        "{}", opened, opened, opened, opened, False, 1, closed, closed or opened,
    )  # fmt: skip
    marks = ", ".join(["%s"] * len(columns))
    await town.run(f"INSERT INTO alarm_cases ({', '.join(columns)}) VALUES ({marks})", *values)
