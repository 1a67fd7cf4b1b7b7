"""The shift leader's page over HTTP: who is there and how loaded, who holds what, what is late, and who may look."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shift(world: World) -> AsyncIterator[World]:
    """Consoles of three are open, of one since an hour ago no more; the cases of both counties are in hand."""
    for username in ("city", "south", "supervisor"):
        await world.rows(
            "INSERT INTO console_connections (id, account_id) SELECT gen_random_uuid(), id FROM accounts"
            " WHERE username = %s",
            username,
        )
    await world.rows(
        "INSERT INTO console_connections (id, account_id, opened_at, seen_at) SELECT gen_random_uuid(), id,"
        " clock_timestamp() - interval '2 hours', clock_timestamp() - interval '1 hour' FROM accounts"
        " WHERE username = 'north'"
    )
    for username in ("north", "south"):
        async with world.signed_in(username) as client:
            answer = await client.post(f"/alarms/cases/{world.cases[username]}/claim")
            assert answer.status_code == 200, answer.text
    yield world


async def test_alarms_are_shared_by_those_at_their_consoles_who_can_see_them(shift: World) -> None:
    async with shift.signed_in("supervisor") as client:
        told = (await client.get("/supervision/desks")).json()
    desks = {desk["name"]: desk for desk in told["desks"]}
    names = {row["username"]: row["name"] for row in await shift.rows("SELECT username, name FROM accounts")}
    assert desks.keys() == {names["city"], names["south"]}, "a shift leader who looks is no desk"
    # three alarms: one of the north, which only the city sees, one of the south and one of nobody, which both see
    for username, alarms in (("city", 2.0), ("south", 1.0)):
        desk = desks[names[username]]
        assert (desk["alarms_10_min"], desk["alarms_hour"]) == (alarms, alarms)
    assert desks[names["south"]]["taken_hour"] == 1
    assert desks[names["city"]]["taken_hour"] == 0
    assert (told["alarms_10_min"], told["alarms_hour"], told["lapses_today"]) == (3, 3, 0)


async def test_each_sees_what_is_held_in_their_own_regions(shift: World) -> None:
    for username, counties in (("supervisor", {"north", "south"}), ("south-chief", {"south"})):
        async with shift.signed_in(username) as client:
            told = (await client.get("/supervision/desks")).json()
        assert {held["case_id"] for held in told["held"]} == {str(shift.cases[one]) for one in counties}
        assert told["alarms_hour"] == len(counties) + 1, "and what is of nobody"
        for held in told["held"]:
            left = datetime.fromisoformat(held["lease_until"]) - datetime.now(UTC)
            assert timedelta(0) < left <= timedelta(seconds=told["lease_seconds"])


async def test_devices_and_late_visits_are_those_of_their_own_regions(shift: World) -> None:
    await shift.rows(
        "UPDATE visits SET told_starts_at = clock_timestamp() - interval '2 hours' WHERE id = ANY (%s)",
        list(shift.orders.values()),
    )
    await shift.rows("INSERT INTO device_states (device_id, online) VALUES ('W-SOUTH', true) ON CONFLICT DO NOTHING")
    for username, counties in (("supervisor", ["north", "south"]), ("south-chief", ["south"])):
        async with shift.signed_in(username) as client:
            told = (await client.get("/supervision/day")).json()
        assert {late["visit_id"] for late in told["late"]} == {str(shift.orders[one]) for one in counties}
        assert (told["late_count"], told["unserved_count"]) == (len(counties), 0)
        assert sum(model["devices"] for model in told["models"]) == len(counties)
        assert sum(model["offline"] for model in told["models"]) == len(counties) - 1
        assert [one["definition"]["id"] for one in told["figures"]] == [
            "alarm_answered_60s", "alarm_answered_180s", "alarm_answer_time",
        ]  # fmt: skip


@pytest.mark.parametrize("username", ["city", "regulator", "family", "provider", "worker"])
async def test_nobody_else_looks_at_the_desks(shift: World, username: str) -> None:
    async with shift.signed_in(username) as client:
        for path in ("/supervision/desks", "/supervision/day"):
            assert (await client.get(path)).status_code == 403
