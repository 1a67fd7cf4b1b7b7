"""From bus to case to outbox to bus: order kept, nothing lost to a crash, a fault of one record stays its own."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import uuid4

import psycopg
import pytest
from prometheus_client import REGISTRY
from pydantic import ValidationError

from backbone.bus import Bus, BusUnavailable, Delivered, Record
from backbone.postgres.bus import PostgresBus
from contracts.alarm_case import CaseMoved
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.envelope import headers
from contracts.topics import ALARM_CASE, ALL, DEAD_LETTER, DEVICE_EVENT
from services.alarms.consumers import AlarmConsumer
from services.db import outbox
from services.db.pool import DatabaseUnreachable
from services.db.relay import Relay
from tests.integration.alarm_desk import Desk, an_event, eventually
from tests.integration.console_app import relaying


@pytest.fixture
async def desk(desk: Desk) -> Desk:
    await desk.rows("DELETE FROM outbox")
    return desk


@pytest.fixture
async def bus(postgres_dsn: str) -> AsyncIterator[Bus]:
    bus = PostgresBus(postgres_dsn)
    await bus.create_topics(ALL)
    yield bus
    await bus.close()


class FlakyBus:
    """Keeps what is published; fails as often as it is told to, before or after having kept it."""

    def __init__(self) -> None:
        self.kept: list[Record] = []
        self.refuse = 0
        self.keep_and_fail = 0
        self.published = asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        if self.refuse:
            self.refuse -= 1
            raise BusUnavailable("away")
        self.kept += records
        if self.keep_and_fail:
            self.keep_and_fail -= 1
            raise BusUnavailable("no confirmation")
        self.published.set()

    def versions(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for record in self.kept:
            if record.topic == ALARM_CASE.name:
                case = CaseMoved.read(record.value).case
                found.setdefault(str(case.id), []).append(case.version)
        return found


async def emptied(desk: Desk) -> None:
    async def is_empty() -> bool:
        return not await desk.rows("SELECT 1 FROM outbox LIMIT 1")

    await eventually(is_empty)


async def test_every_move_is_published_in_order_while_many_write(desk: Desk) -> None:
    bus = FlakyBus()
    async with relaying(desk, bus):  # type: ignore[arg-type]
        await asyncio.gather(*(press_often(desk, f"W-{uuid4().hex[:12]}", 6) for _ in range(12)))
        await emptied(desk)
    assert sorted(map(tuple, bus.versions().values())) == [(1, 2, 3, 4, 5, 6)] * 12


async def press_often(desk: Desk, device: str, times: int) -> None:
    for _ in range(times):
        await desk.raise_(an_event(device))


async def test_a_bus_that_is_away_or_does_not_confirm_loses_nothing_and_keeps_the_order(desk: Desk) -> None:
    bus = FlakyBus()
    bus.refuse, bus.keep_and_fail = 3, 2
    await press_often(desk, f"W-{uuid4().hex[:12]}", 3)
    async with relaying(desk, bus):  # type: ignore[arg-type]
        await emptied(desk)
    (versions,) = bus.versions().values()
    assert versions == [1, 2, 3] * 3
    assert bus.versions()


async def test_a_second_relay_stands_by_and_takes_over(desk: Desk) -> None:
    first, second = FlakyBus(), FlakyBus()
    async with relaying(desk, second) as standing_by:  # type: ignore[arg-type]
        await settled(standing_by)
        assert REGISTRY.get_sample_value("yian_outbox_relaying") == 1
        async with relaying(desk, first):  # type: ignore[arg-type]
            await press_often(desk, f"W-{uuid4().hex[:12]}", 2)
            await emptied(desk)
        await press_often(desk, f"W-{uuid4().hex[:12]}", 2)
        await emptied(desk)
    assert sum(map(len, second.versions().values())) == 4
    assert first.kept == []
    assert REGISTRY.get_sample_value("yian_outbox_relaying") == 0


async def settled(relay: Relay) -> None:
    async def is_ready() -> bool:
        return relay.ready

    await eventually(is_ready)


async def test_a_relay_whose_connection_is_cut_goes_on(desk: Desk) -> None:
    bus = FlakyBus()
    async with relaying(desk, bus) as relay:  # type: ignore[arg-type]
        await settled(relay)
        await desk.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database() AND query ~ 'outbox'"
        )
        await press_often(desk, f"W-{uuid4().hex[:12]}", 2)
        await emptied(desk)
    assert list(bus.versions().values()) == [[1, 2]]


async def test_an_append_of_a_transaction_that_rolls_back_is_never_told(desk: Desk) -> None:
    bus = FlakyBus()
    with suppress(ZeroDivisionError):
        async with desk.db.transaction() as tx:
            await outbox.append(tx, [Record(ALARM_CASE.name, b"{}", key="k")])
            raise ZeroDivisionError
    async with relaying(desk, bus) as relay:  # type: ignore[arg-type]
        await settled(relay)
    assert bus.kept == []


def delivered(event: DeviceEvent | bytes, key: str) -> Delivered:
    value = event if isinstance(event, bytes) else event.value()
    attributes = headers(DeviceEvent.TYPE, DeviceEvent.SOURCE)
    return Delivered(DEVICE_EVENT.name, 0, 0, key, attributes, value)


async def running(desk: Desk, bus: Bus) -> asyncio.Task[None]:
    return asyncio.create_task(AlarmConsumer(desk.db, bus).loop().run())


async def test_events_on_the_bus_become_cases_and_a_bad_one_rings_as_garbled_without_harming_the_others(
    desk: Desk, bus: Bus
) -> None:
    good, bad = f"W-{uuid4().hex[:12]}", f"W-{uuid4().hex[:12]}"
    unreadable = b'{"device_id": "' + bad.encode() + b'", "kinds": ["sos"]}'
    await bus.publish(
        [
            Record(DEVICE_EVENT.name, an_event(good, event_id="1").value(), key=good),
            Record(DEVICE_EVENT.name, unreadable, key=bad),
            Record(DEVICE_EVENT.name, an_event(good, event_id="2").value(), key=good),
        ]
    )
    task = await running(desk, bus)

    async def all_there() -> bool:
        presses = [case.press_count for case in await desk.cases(good)]
        return presses == [2] and len(await desk.cases(bad)) == 1

    await eventually(all_there)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    case = await desk.one(bad)
    assert (case.kind, case.state) == ("garbled", "open")
    letters = await bus.subscribe([DEAD_LETTER], group=uuid4().hex)
    found = [DeadLetter.read(record.value) for record in await letters.fetch(wait_seconds=2)]
    await letters.close()
    assert [(letter.device_id, letter.payload) for letter in found] == [(bad, unreadable)]


async def test_two_workers_opening_the_same_alarm_at_once_make_one_case(desk: Desk, bus: Bus) -> None:
    pairs = [(f"W-{uuid4().hex[:12]}", f"P-{uuid4().hex[:12]}") for _ in range(8)]
    for pair in pairs:
        await desk.an_elder(*pair)

    async def work(of_each: int) -> None:
        consumer = AlarmConsumer(desk.db, bus)
        await consumer.handle([delivered(an_event(pair[of_each]), pair[of_each]) for pair in pairs])

    await asyncio.gather(work(0), work(1))
    for pair in pairs:
        (case,) = await desk.cases(*pair)
        assert case.press_count == 2


async def test_a_worker_killed_after_the_commit_hears_the_same_again_without_effect(desk: Desk, bus: Bus) -> None:
    device = f"W-{uuid4().hex[:12]}"
    consumer = AlarmConsumer(desk.db, bus)
    batch = [delivered(an_event(device, event_id=name), device) for name in ("1", "2", "1")]
    await consumer.handle(batch)
    await consumer.handle(batch)
    case = await desk.one(device)
    assert (case.press_count, case.version) == (2, 2)
    assert [told.case.version for told in await desk.told(case.id)] == [1, 2]


async def test_a_worker_whose_connection_was_cut_or_refused_goes_on_with_the_next_batch(desk: Desk, bus: Bus) -> None:
    device, consumer = f"W-{uuid4().hex[:12]}", AlarmConsumer(desk.db, bus)
    await consumer.handle([delivered(an_event(device, event_id="1"), device)])
    await desk.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = current_database() AND state = 'idle'"
        " AND query ~ 'INTO alarm_case_events'"
    )
    second = [delivered(an_event(device, event_id="2"), device)]
    with pytest.raises(DatabaseUnreachable):
        await consumer.handle(second)
    await consumer.handle(second)
    with pytest.raises(ValidationError):
        await consumer.handle([delivered(b"{}", device)])
    with pytest.raises(psycopg.errors.ProgramLimitExceeded):
        await consumer.handle([delivered(an_event(device, event_id=secrets.token_hex(8000)), device)])
    await consumer.handle([delivered(an_event(device, event_id="3"), device)])
    assert (await desk.one(device)).press_count == 3


async def test_an_alarm_with_what_the_database_cannot_keep_is_an_alarm_all_the_same(desk: Desk, bus: Bus) -> None:
    device = f"W-{uuid4().hex[:12]}"
    event = an_event(device, event_id="nul\0", wire_type="device.sos", device_time="0001-01-01T00:00:00+08:00")
    await AlarmConsumer(desk.db, bus).handle([delivered(event, device)])
    assert (await desk.one(device)).kind == "sos"
    (entry,) = await desk.rows("SELECT device_at FROM alarm_timeline t JOIN alarm_cases c ON c.id = t.case_id"
                               " WHERE c.device_id = %s", device)  # fmt: skip
    assert entry["device_at"] is None
