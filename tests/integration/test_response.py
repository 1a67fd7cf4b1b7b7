"""Escalation on real PostgreSQL: who is told of a case nobody takes, by workers that share, die, or have odd clocks."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backbone.bus import Delivered
from contracts.response import StepTaken
from services.accounts.grants.model import GrantKind
from services.alarms import handlers as alarms
from services.alarms.consumers_steps import StepConsumer
from services.alarms.handlers import Hand
from services.alarms.model import AlarmCase, Outcome
from services.alarms.store_leases import LeaseStore
from services.alarms.store_standing import at_consoles, standings
from services.notify.consumers import NoticeConsumer
from services.response.consumers import CaseConsumer
from services.response.handlers import Around
from services.response.timers import ResponseTimer
from tests.integration.alarm_desk import Desk, a_desk, a_device, an_event, eventually

AROUND = Around(standings=standings, at_consoles=at_consoles)
NO_BUS: Any = None
"""Records are handed to the consumers as the bus would deliver them."""


class Town:
    """The desk of alarms, and a worker's response to what happens there."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.cases = CaseConsumer(desk.db, NO_BUS, AROUND)
        self.steps = StepConsumer(desk.db, NO_BUS)
        self.notices = NoticeConsumer(desk.db, NO_BUS)
        self.timer = ResponseTimer(desk.db, AROUND)
        self._carried = 0

    async def settle(self) -> None:
        """What other tests have left is none of this one's."""
        (last,) = await self.desk.rows("SELECT coalesce(max(id), 0) AS id FROM outbox")
        self._carried = last["id"]

    async def carry(self) -> None:
        """What is in the outbox reaches all who read it; twice, as a bus may."""
        while True:
            rows = await self.desk.rows("SELECT * FROM outbox WHERE id > %s ORDER BY id", self._carried)
            if not rows:
                return
            records = [Delivered(row["topic"], 0, row["id"], row["key"], row["headers"], row["value"]) for row in rows]
            self._carried = rows[-1]["id"]
            for reader, topic in ((self.cases, "alarm.case"), (self.steps, "response"), (self.notices, "response")):
                read = [record for record in records if record.topic == f"yian.{topic}"]
                for _ in range(2 if read else 0):
                    await reader.handle(read)

    async def an_open_case(self, kind: str = "sos", *, device: str | None = None) -> AlarmCase:
        device = device or a_device()
        await self.desk.raise_(an_event(device, kind))
        await self.carry()
        return await self.desk.one(device)

    async def waits(self, case: AlarmCase, seconds: float) -> None:
        """So much time passes for this case: all its times lie so much further back."""
        back = timedelta(seconds=seconds)
        await self.desk.rows("ALTER TABLE alarm_timeline DISABLE TRIGGER USER")
        await self.desk.rows(
            "UPDATE alarm_timeline SET recorded_at = recorded_at - %s WHERE case_id = %s", back, case.id
        )
        await self.desk.rows("ALTER TABLE alarm_timeline ENABLE TRIGGER USER")
        await self.desk.rows("UPDATE response_runs SET since = since - %s WHERE case_id = %s", back, case.id)
        await self.desk.rows("UPDATE response_pending SET due_at = due_at - %s WHERE case_id = %s", back, case.id)

    async def looks(self) -> None:
        await self.timer.look()
        await self.carry()

    async def fates(self, case: AlarmCase) -> list[tuple[str, str, str | None]]:
        rows = await self.desk.rows(
            "SELECT who, fate, because FROM response_steps WHERE case_id = %s ORDER BY period, at, step", case.id
        )
        return [(row["who"], row["fate"], row["because"]) for row in rows]

    async def pending(self, case: AlarmCase) -> list[int]:
        rows = await self.desk.rows("SELECT step FROM response_pending WHERE case_id = %s ORDER BY 1", case.id)
        return [row["step"] for row in rows]

    async def moves(self, case: AlarmCase) -> list[tuple[str, str | None]]:
        rows = await self.desk.rows(
            "SELECT move, detail ->> 'who' AS who FROM alarm_timeline WHERE case_id = %s ORDER BY seq", case.id
        )
        return [(row["move"], row["who"]) for row in rows]


@pytest.fixture
async def town(desk: Desk) -> Town:
    town = Town(desk)
    await town.settle()
    return town


async def a_daughter(desk: Desk, elder_id: UUID, *kinds: GrantKind) -> UUID:
    hand = await desk.an_operator("李芳", "family")
    await desk.rows(
        "INSERT INTO grants (id, account_id, elder_id, elder_name, relation, region_code, kinds, state)"
        " VALUES (%s, %s, %s, '李秀英', '女儿', '420202', %s, 'confirmed')",
        uuid4(), hand.actor.id, elder_id, tuple(kinds),
    )  # fmt: skip
    return hand.actor.id


async def test_a_case_nobody_takes_goes_up_and_every_console_hears_of_it(town: Town) -> None:
    case = await town.an_open_case()
    assert await town.fates(case) == [("operators", "taken", None), ("family", "skipped", "nobody")]
    for seconds, escalation in ((29, None), (2, "second_operator"), (30, "supervisor"), (120, "supervisor")):
        await town.waits(case, seconds)
        await town.looks()
        now = await town.desk.one(case.device_id)
        assert now.escalation == escalation
    assert (await town.moves(case))[1:] == [
        ("escalate", "second_operator"), ("escalate", "supervisor"), ("escalate", "community"),
        ("escalate", "ambulance"),
    ]  # fmt: skip
    told = await town.desk.told(case.id)
    assert [(one.move, one.case.escalation) for one in told][1:3] == [
        ("escalate", "second_operator"),
        ("escalate", "supervisor"),
    ]
    assert await town.pending(case) == []
    await town.looks()
    assert len(await town.moves(case)) == 5


async def test_a_claim_stops_what_is_pending_before_the_run_has_heard_of_it(town: Town) -> None:
    case, hand = await town.an_open_case(), await town.desk.an_operator()
    await town.waits(case, 29)
    await town.desk.make(alarms.claim, case.id, hand)
    await town.waits(case, 2)  # due now, and the bus has not told of the claim
    await town.timer.look()
    assert [fate for fate in await town.fates(case) if fate[1] == "taken"] == [("operators", "taken", None)]
    assert [who for who, fate, why in await town.fates(case) if (fate, why) == ("stopped", "claimed")] == [
        "second_operator", "supervisor", "community", "ambulance",
    ]  # fmt: skip
    await town.carry()
    assert await town.pending(case) == []


async def test_a_lapse_starts_the_waits_again_and_clears_how_far_it_had_gone(town: Town) -> None:
    case, hand = await town.an_open_case(), await town.desk.an_operator()
    await town.waits(case, 31)
    await town.looks()
    await town.desk.make(alarms.claim, case.id, hand)
    await town.carry()
    assert (await town.desk.one(case.device_id)).escalation is None
    await town.desk.rows("UPDATE alarm_cases SET lease_until = clock_timestamp() WHERE id = %s", case.id)
    async with town.desk.db.transaction() as tx:
        (overdue,) = await LeaseStore(tx).lock_overdue()
        await alarms.lapse(tx, overdue.case, reason=overdue.reason, now=overdue.now)
    await town.carry()
    assert await town.pending(case) == [2, 3, 4, 5]
    await town.waits(case, 29)
    await town.looks()
    assert (await town.desk.one(case.device_id)).escalation is None
    await town.waits(case, 32)
    await town.looks()
    assert (await town.desk.one(case.device_id)).escalation == "supervisor"


async def test_closing_ends_everything_and_what_is_technical_has_no_plan(town: Town) -> None:
    case, hand = await town.an_open_case(), await town.desk.an_operator()
    await town.desk.make(alarms.claim, case.id, hand)
    await town.desk.make(alarms.close, case.id, hand, outcome=Outcome.TEST)
    await town.carry()
    await town.waits(case, 3600)
    await town.looks()
    assert await town.pending(case) == []
    assert ("supervisor", "taken", None) not in await town.fates(case)
    low = await town.an_open_case("low_battery")
    assert await town.fates(low) == []
    assert await town.desk.rows("SELECT 1 FROM response_runs WHERE case_id = %s", low.id) == []


async def test_the_family_with_leave_to_follow_is_told_once_and_others_are_not(town: Town) -> None:
    device = a_device()
    elder = await town.desk.an_elder(device)
    daughter = await a_daughter(town.desk, elder, GrantKind.SEE, GrantKind.FOLLOW)
    await a_daughter(town.desk, elder, GrantKind.ORDER)
    case = await town.an_open_case(device=device)
    hand = await town.desk.an_operator()
    await town.desk.make(alarms.claim, case.id, hand)
    await town.desk.make(alarms.release, case.id, hand)
    await town.carry()
    notices = await town.desk.rows("SELECT account_id, kind, zh FROM notices WHERE elder_id = %s", elder)
    assert [(one["account_id"], one["kind"]) for one in notices] == [(daughter, "alarm")]
    assert "李秀英按了求助" in notices[0]["zh"]
    told = await town.desk.rows("SELECT told FROM response_steps WHERE case_id = %s AND who = 'family'", case.id)
    assert [row["told"] for row in told] == [1, None]


async def test_somebody_of_the_family_says_to_be_with_her_and_it_stops_nothing(town: Town) -> None:
    device = a_device()
    elder = await town.desk.an_elder(device)
    case = await town.an_open_case(device=device)
    hand = await town.desk.an_operator("李芳", "family")
    for _ in range(3):
        said = await town.desk.make(alarms.attend, case.id, hand)
    assert (said.attended_by, said.version, said.state) == ("李芳", 2, "open")
    await town.waits(case, 61)
    await town.looks()
    now = await town.desk.one(device)
    assert (now.escalation, now.attended_by) == ("supervisor", "李芳")
    assert elder


async def test_the_plan_is_frozen_when_the_case_opens(town: Town) -> None:
    device = a_device()
    elder = await town.desk.an_elder(device)
    plan = uuid4()
    await town.desk.rows(
        "INSERT INTO escalation_plans (id, region_code, elder_id) VALUES (%s, '420202001001', %s)", plan, elder
    )
    terms = (
        '{"name": "李秀英家", "kinds": ["sos"], "hours": {}, "steps":'
        ' [{"after_seconds": 5, "who": "supervisor", "channel": "console"}]}'
    )
    add = (
        "INSERT INTO escalation_plan_versions (plan_id, version, valid_from, terms, ended)"
        " VALUES (%s, %s, '2026-01-01', %s::jsonb, %s)"
    )
    await town.desk.rows(add, plan, 1, terms, False)
    case = await town.an_open_case(device=device)
    await town.desk.rows(add, plan, 2, terms, True)
    (run,) = await town.desk.rows(
        "SELECT plan_id, plan_version, plan_name FROM response_runs WHERE case_id = %s", case.id
    )
    assert (run["plan_id"], run["plan_version"], run["plan_name"]) == (plan, 1, "李秀英家")
    await town.waits(case, 6)
    await town.looks()
    assert await town.fates(case) == [("supervisor", "taken", None)]


async def test_what_was_done_is_never_changed(town: Town) -> None:
    case = await town.an_open_case()
    with pytest.raises(Exception, match="only"):
        await town.desk.rows("UPDATE response_steps SET at = now() WHERE case_id = %s", case.id)


async def test_a_claim_and_a_step_in_the_same_moment_are_settled_once(town: Town) -> None:
    cases = [await town.an_open_case() for _ in range(12)]
    hand = await town.desk.an_operator()
    for case in cases:
        await town.waits(case, 30)

    async def claims() -> None:
        for case in cases:
            await town.desk.make(alarms.claim, case.id, hand)

    timers = [ResponseTimer(town.desk.db, AROUND) for _ in range(3)]
    await asyncio.gather(claims(), *(timer.take() for timer in timers), *(timer.take() for timer in timers))
    await town.carry()
    for case in cases:
        fates = [fate for who, fate, _ in await town.fates(case) if who == "second_operator"]
        assert fates in (["taken"], ["stopped"])
        assert ("supervisor", "stopped", "claimed") in await town.fates(case)
        taken = await town.desk.rows(
            "SELECT 1 FROM response_steps s JOIN alarm_timeline t ON t.case_id = s.case_id AND t.move = 'claim'"
            " WHERE s.case_id = %s AND s.fate = 'taken' AND s.at > t.recorded_at + interval '0.1 s'", case.id
        )  # fmt: skip
        assert taken == []


# --- many, and workers that die

MANY = 10_000

CASES = """
WITH ids AS (SELECT gen_random_uuid() AS id, clock_timestamp() - interval '58 s' + n * interval '0.6 ms' AS at
               FROM generate_series(1, %(n)s) n),
     cases AS (INSERT INTO alarm_cases (id, version, kind, join_key, subject, priority, worklist, state, device_id,
                      response_plan, opened_at, occurred_at, received_at, rang_at, time_suspect, press_count)
               SELECT id, 1, 'sos', 'sos', 'device:' || id, 1, false, 'open', 'M-' || id, '{}', at, at, at, at, false, 1
                 FROM ids RETURNING id),
     lines AS (INSERT INTO alarm_timeline (case_id, seq, move, state, recorded_at, detail)
               SELECT id, 1, 'open', 'open', at, '{}' FROM ids),
     runs AS (INSERT INTO response_runs (case_id, kind, opened_at, occurred_at, plan_version, plan_name, steps, hold,
                     since, version, period, told)
              SELECT id, 'sos', at, at, 1, %(lot)s, %(steps)s, 'unclaimed', at, 1, 1, '{}' FROM ids)
SELECT id, at FROM ids
"""
STEPS = '[{"after_seconds": 60, "who": "supervisor", "channel": "console"}]'
TIMERS = """
INSERT INTO response_pending SELECT case_id, 0, since + interval '60 s' FROM response_runs WHERE plan_name = %(lot)s
"""
LATENESS = """
SELECT count(*) AS n, count(DISTINCT case_id) AS cases, extract(epoch FROM max(at - due_at))::float8 AS late,
       extract(epoch FROM min(at - due_at))::float8 AS early
  FROM response_steps JOIN response_runs r USING (case_id) WHERE fate = 'taken' AND r.plan_name = %s
"""


@dataclass
class Lot:
    """Cases of one test that nobody takes."""

    desk: Desk
    name: str

    async def lateness(self) -> dict[str, Any]:
        (found,) = await self.desk.rows(LATENESS, self.name)
        return found

    async def pending(self) -> list[UUID]:
        rows = await self.desk.rows(
            "SELECT case_id FROM response_pending JOIN response_runs USING (case_id) WHERE plan_name = %s"
            " ORDER BY due_at", self.name,
        )  # fmt: skip
        return [row["case_id"] for row in rows]

    async def settled(self, within: float) -> None:
        async def none() -> bool:
            await asyncio.sleep(0.2)
            return not (await self.desk.rows("SELECT EXISTS (SELECT 1 FROM response_pending) AS waits"))[0]["waits"]

        await eventually(none, within=within)


@asynccontextmanager
async def many(dsn: str, n: int) -> AsyncIterator[Lot]:
    """So many cases, whose supervisor is due within six seconds, from two seconds from now on."""
    async with a_desk(dsn) as desk:
        lot = Lot(desk, f"lot {uuid4()}")
        await desk.rows("DELETE FROM response_pending")
        async with desk.db.transaction() as tx:
            await tx.execute(CASES, {"n": n, "lot": lot.name, "steps": STEPS})
            await tx.execute(TIMERS.encode(), {"lot": lot.name})
        yield lot


async def test_ten_thousand_timers_are_each_taken_once_and_in_time(postgres_dsn: str) -> None:
    began = time.process_time()
    async with many(postgres_dsn, MANY) as lot:
        workers = [asyncio.create_task(ResponseTimer(lot.desk.db, AROUND).run()) for _ in range(2)]
        await lot.settled(within=30)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        found = await lot.lateness()
        (said,) = await lot.desk.rows(
            "SELECT count(*) AS n, count(DISTINCT headers ->> 'ce_id') AS ids FROM outbox"
            " JOIN response_runs ON case_id::text = key WHERE plan_name = %s", lot.name,
        )  # fmt: skip
    assert (found["n"], found["cases"]) == (MANY, MANY)
    assert said["n"] == said["ids"] == MANY
    assert found["early"] >= 0
    assert found["late"] < 5, found
    assert time.process_time() - began < 10


WORKER = """
import asyncio, sys, time
if float(sys.argv[2]):  # a process whose clock is wrong
    real = time.time
    time.time = lambda: real() + float(sys.argv[2])
from services.alarms.store_standing import at_consoles, standings
from services.db.pool import Database
from services.response.handlers import Around
from services.response.timers import ResponseTimer
async def main():
    db = Database(sys.argv[1], connections=2)
    await db.open()
    print("up", flush=True)
    await ResponseTimer(db, Around(standings=standings, at_consoles=at_consoles)).run()
asyncio.run(main())
"""


async def a_worker(dsn: str, clock: float = 0.0) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, dsn, str(clock), stdout=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    assert process.stdout is not None
    await process.stdout.readline()
    return process


async def test_workers_that_are_killed_in_the_middle_lose_nothing_and_repeat_nothing(postgres_dsn: str) -> None:
    """One of them lives an hour ahead: the database's clock decides."""
    n = 2_000
    async with many(postgres_dsn, n) as lot:
        first, second = await asyncio.gather(a_worker(postgres_dsn), a_worker(postgres_dsn, 3600.0))

        async def some() -> bool:
            return int((await lot.lateness())["n"]) >= n // 5

        try:
            await eventually(some, within=15)
        finally:
            for process in (first, second):
                process.send_signal(signal.SIGKILL)
            await asyncio.gather(first.wait(), second.wait())
        half = await lot.lateness()
        heir = asyncio.create_task(ResponseTimer(lot.desk.db, AROUND).run())
        await lot.settled(within=15)
        heir.cancel()
        await asyncio.gather(heir, return_exceptions=True)
        found = await lot.lateness()
    assert half["n"] < n
    assert (found["n"], found["cases"]) == (n, n)
    assert 0 <= found["early"] <= found["late"] < 5


async def test_one_case_that_cannot_be_taken_holds_up_no_other(postgres_dsn: str) -> None:
    async with many(postgres_dsn, 30) as lot:
        bad = (await lot.pending())[3]
        await lot.desk.rows("UPDATE response_runs SET steps = '[]' WHERE case_id = %s", bad)
        await lot.desk.rows("UPDATE response_pending SET due_at = clock_timestamp()")
        timer = ResponseTimer(lot.desk.db, AROUND)
        for _ in range(3):
            await timer.take()
        assert await lot.pending() == [bad]
        await lot.desk.rows("DELETE FROM response_pending")


async def test_what_is_said_is_an_event_of_the_contract(town: Town) -> None:
    case = await town.an_open_case()
    await town.waits(case, 31)
    await town.timer.look()
    rows = await town.desk.rows("SELECT value, key FROM outbox WHERE topic = 'yian.response' ORDER BY id")
    said = [StepTaken.read(row["value"]) for row in rows if row["key"] == str(case.id)]
    assert [(one.who, one.step, one.period, one.after_seconds) for one in said] == [
        ("operators", 1, 1, 0),
        ("second_operator", 3, 1, 30),
    ]
    assert all(one.at >= one.due_at for one in said)


async def test_who_sits_at_a_console_is_counted_by_role_and_region(town: Town) -> None:
    chief, elsewhere = await town.desk.an_operator("张", "supervisor"), await town.desk.an_operator("王", "supervisor")
    operator: Hand = await town.desk.an_operator()
    for hand, region in ((chief, "420202"), (elsewhere, "420281"), (operator, "4202")):
        await town.desk.rows("INSERT INTO account_regions VALUES (%s, %s)", hand.actor.id, region)
    async with town.desk.db.transaction() as tx:
        await LeaseStore(tx).see({uuid4(): hand.actor.id for hand in (chief, elsewhere, operator)})
    device = a_device()
    await town.desk.an_elder(device)
    case = await town.an_open_case(device=device)
    await town.waits(case, 61)
    await town.timer.look()
    told = await town.desk.rows("SELECT who, told FROM response_steps WHERE case_id = %s AND fate = 'taken'", case.id)
    assert {row["who"]: row["told"] for row in told} == {"operators": 2, "second_operator": 2, "supervisor": 1}
