"""Leases lapse on the database's clock, once, whoever looks; consoles gone lapse sooner; old things are forgotten."""

import asyncio
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY

from contracts.device_event import DeviceStatus
from services.alarms import handlers
from services.alarms.handlers import Hand
from services.alarms.model import AlarmCase
from services.alarms.store_leases import LeaseStore
from services.alarms.store_supervision import SupervisionStore
from services.alarms.timers import LeaseTimer, Purge, SilenceTimer, WaitingCount
from tests.integration.alarm_desk import NOON, Desk, an_event


async def a_claimed_case(desk: Desk, hand: Hand) -> AlarmCase:
    device = f"W-{uuid4().hex[:12]}"
    await desk.raise_(an_event(device))
    return await desk.make(handlers.claim, (await desk.one(device)).id, hand)


def timer(desk: Desk) -> LeaseTimer:
    return LeaseTimer(desk.db)


async def age_lease(desk: Desk, case_id: UUID, seconds: int) -> None:
    await desk.rows(
        "UPDATE alarm_cases SET lease_until = lease_until - %s * interval '1 s',"
        " claimed_at = claimed_at - %s * interval '1 s' WHERE id = %s",
        seconds, seconds, case_id,
    )  # fmt: skip


async def age_consoles(desk: Desk, hand: Hand, seconds: int) -> None:
    await desk.rows(
        "UPDATE console_connections SET seen_at = seen_at - %s * interval '1 s' WHERE account_id = %s",
        seconds, hand.actor.id,
    )  # fmt: skip


async def open_a_console(desk: Desk, hand: Hand) -> UUID:
    console_id = uuid4()
    async with desk.db.transaction() as tx:
        await LeaseStore(tx).see({console_id: hand.actor.id})
    return console_id


async def test_a_claim_without_activity_lapses_after_its_lease_and_rings(desk: Desk) -> None:
    hand = await desk.an_operator()
    case = await a_claimed_case(desk, hand)
    await age_lease(desk, case.id, 58)
    assert await timer(desk).lapse_overdue() == 0
    await age_lease(desk, case.id, 3)
    assert await timer(desk).lapse_overdue() == 1
    back = await desk.one(case.device_id)
    assert (back.state, back.claimed_by, back.lease_until) == ("open", None, None)
    assert back.rang_at > case.rang_at
    assert back.first_claimed_at == case.first_claimed_at
    (entry,) = await desk.rows(
        "SELECT actor_id, detail FROM alarm_timeline WHERE case_id = %s AND move = 'lapse'", case.id
    )
    assert entry == {"actor_id": None, "detail": {"reason": "lease", "held_by": "王芳"}}
    assert [told.move for told in await desk.told(case.id)] == ["open", "claim", "lapse"]


async def test_two_workers_lapse_a_claim_once(desk: Desk) -> None:
    hand = await desk.an_operator()
    cases = [await a_claimed_case(desk, hand) for _ in range(5)]
    for case in cases:
        await age_lease(desk, case.id, 61)
    lapsed = await asyncio.gather(*(timer(desk).lapse_overdue() for _ in range(4)))
    assert sum(lapsed) == 5
    for case in cases:
        assert [told.move for told in await desk.told(case.id)] == ["open", "claim", "lapse"]


async def test_activity_at_the_console_keeps_every_claim(desk: Desk) -> None:
    hand = await desk.an_operator()
    cases = [await a_claimed_case(desk, hand) for _ in range(2)]
    for case in cases:
        await age_lease(desk, case.id, 61)
    async with desk.db.transaction() as tx:
        await LeaseStore(tx).renew_all(hand.actor.id)
    assert await timer(desk).lapse_overdue() == 0


async def test_a_claim_lapses_ten_seconds_after_the_last_console_of_its_operator_is_gone(desk: Desk) -> None:
    hand = await desk.an_operator()
    await open_a_console(desk, hand)
    second = await open_a_console(desk, hand)
    case = await a_claimed_case(desk, hand)
    await age_lease(desk, case.id, 20)
    await age_consoles(desk, hand, 12)
    async with desk.db.transaction() as tx:
        await LeaseStore(tx).see({second: hand.actor.id})
    assert await timer(desk).lapse_overdue() == 0
    await age_consoles(desk, hand, 11)
    assert await timer(desk).lapse_overdue() == 1
    (entry,) = await desk.rows("SELECT detail FROM alarm_timeline WHERE case_id = %s AND move = 'lapse'", case.id)
    assert entry["detail"]["reason"] == "connection"


async def test_a_claim_made_without_a_console_has_its_whole_lease(desk: Desk) -> None:
    hand = await desk.an_operator()
    await open_a_console(desk, hand)
    await age_consoles(desk, hand, 600)
    await a_claimed_case(desk, hand)
    assert await timer(desk).lapse_overdue() == 0


async def test_what_was_heard_long_ago_is_forgotten_and_the_rest_is_kept(desk: Desk) -> None:
    device = f"W-{uuid4().hex[:12]}"
    await desk.raise_(an_event(device, event_id="old"), an_event(device, event_id="new"))
    await desk.rows("UPDATE inbox SET arrived_at = arrived_at - interval '9 days' WHERE event_id = 'old'")
    await desk.rows("UPDATE inbox SET arrived_at = arrived_at - interval '72 hours' WHERE event_id = 'new'")
    await Purge(desk.db).once()
    rows = await desk.rows("SELECT event_id FROM inbox WHERE device_id = %s", device)
    assert [row["event_id"] for row in rows] == ["new"]


async def devices(desk: Desk, count: int, *, seen_seconds_ago: int) -> list[str]:
    named = [f"S-{uuid4().hex[:12]}" for _ in range(count)]
    await desk.rows(
        "INSERT INTO devices (device_id, model, kind, report_interval_seconds, credential_hash)"
        " SELECT id, 'W3', 'watch', 60, '-' FROM unnest(%s::text[]) AS id",
        tuple(named),
    )
    await desk.rows(
        "INSERT INTO device_states (device_id, online, status_at, last_seen_at)"
        " SELECT id, true, now() - interval '1 day', now() - %s * interval '1 s' FROM unnest(%s::text[]) AS id",
        seen_seconds_ago,
        tuple(named),
    )
    return named


async def online(desk: Desk, named: list[str]) -> int:
    (row,) = await desk.rows(
        "SELECT count(*) AS n FROM device_states WHERE online AND device_id = ANY (%s)", tuple(named)
    )
    return int(row["n"])


@pytest.fixture
async def no_devices(desk: Desk) -> None:
    await desk.rows("DELETE FROM device_states")
    await desk.rows("DELETE FROM broker_incidents")


@pytest.mark.usefixtures("no_devices")
async def test_a_device_silent_for_three_intervals_is_offline_until_it_is_heard_again(desk: Desk) -> None:
    heard, silent = await devices(desk, 30, seen_seconds_ago=170), await devices(desk, 3, seen_seconds_ago=190)
    await SilenceTimer(desk.db).look()
    assert (await online(desk, heard), await online(desk, silent)) == (30, 0)
    await desk.rows("UPDATE device_states SET last_seen_at = now() WHERE device_id = %s", silent[0])
    await SilenceTimer(desk.db).look()
    assert await online(desk, silent) == 1


@pytest.mark.usefixtures("no_devices")
async def test_all_devices_falling_silent_together_is_one_incident_and_nobody_is_offline(desk: Desk) -> None:
    named = await devices(desk, 30, seen_seconds_ago=190)
    await SilenceTimer(desk.db).look()
    await SilenceTimer(desk.db).look()
    assert await online(desk, named) == 30
    assert await desk.rows("SELECT devices, ended_at FROM broker_incidents") == [{"devices": 30, "ended_at": None}]
    await desk.rows("UPDATE device_states SET last_seen_at = now() WHERE device_id <> %s", named[0])
    await SilenceTimer(desk.db).look()
    await SilenceTimer(desk.db).look()
    assert await online(desk, named) == 30, "a silence within the incident is not the device's own"
    (incident,) = await desk.rows("SELECT ended_at FROM broker_incidents")
    assert incident["ended_at"] is not None


@pytest.mark.usefixtures("no_devices")
async def test_the_latest_status_counts_also_when_an_older_one_arrives_after_it(desk: Desk) -> None:
    device = f"W-{uuid4().hex[:12]}"

    def status(online: bool, second: int) -> DeviceStatus:
        return DeviceStatus(device_id=device, online=online, received_at=NOON.replace(second=second), firmware="1.4.2")

    async with desk.db.transaction() as tx:
        await SupervisionStore(tx).report([status(True, 1), status(False, 3), status(True, 2)])
    async with desk.db.transaction() as tx:
        await SupervisionStore(tx).report([status(True, 2)])
    (row,) = await desk.rows("SELECT online, status_at, firmware FROM device_states WHERE device_id = %s", device)
    assert row == {"online": False, "status_at": NOON.replace(second=3), "firmware": "1.4.2"}


async def waiting_cases(desk: Desk) -> tuple[float, float]:
    """How many, and seconds of the oldest."""
    await WaitingCount(desk.db).look()
    cases, oldest = (REGISTRY.get_sample_value(f"yian_alarm_cases_{name}") for name in ("waiting", "oldest_seconds"))
    assert cases is not None
    assert oldest is not None
    return cases, oldest


async def test_a_case_that_nobody_takes_is_counted_with_its_wait_until_somebody_does(desk: Desk) -> None:
    before, _ = await waiting_cases(desk)  # of other tests
    device = f"W-{uuid4().hex[:12]}"
    await desk.raise_(an_event(device))
    case = await desk.one(device)
    await desk.rows("UPDATE alarm_cases SET opened_at = opened_at - interval '99 days' WHERE id = %s", case.id)
    cases, oldest = await waiting_cases(desk)
    assert cases == before + 1
    assert oldest >= 99 * 86_400, "also where the person has pressed again just now"
    await desk.make(handlers.claim, case.id, await desk.an_operator())
    cases, oldest = await waiting_cases(desk)
    assert cases == before
    assert oldest < 99 * 86_400
