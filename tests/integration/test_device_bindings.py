"""A supervisor binds devices to elders, over HTTP and from the command line; a device has one bearer at a time."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from services.elders import handlers
from services.elders.model import DeviceKind
from tests.integration.alarm_desk import an_event, raised
from tests.integration.two_counties import (
    World,
    registered,
    supervisors_id,
)
from yian.devices_commands import app as devices_command

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def a_device(world: World, device_id: str) -> str:
    async with world.parts.db.transaction() as tx:
        await handlers.provision_device(tx, device_id, model="手表 W3", kind=DeviceKind.WATCH)
    return device_id


async def bindings(world: World, device_id: str) -> list[tuple[str, bool]]:
    """(elder, still bound), the first one first."""
    rows = await world.rows(
        "SELECT elder_id, unbound_at FROM device_bindings WHERE device_id = %s ORDER BY bound_at", device_id
    )
    return [(str(row["elder_id"]), row["unbound_at"] is None) for row in rows]


async def test_a_device_is_bound_unbound_and_moved_only_when_asked_to(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    device_id = await a_device(world, "W-BIND")
    one, two = [(await registered(supervisor, name=name))["id"] for name in ("甲", "乙")]
    for _ in range(2):
        answer = await supervisor.post(f"/elders/{one}/devices", json={"device_id": device_id})
        assert (answer.status_code, answer.json()["device_id"]) == (200, device_id)
        assert answer.json()["bound_at"] is not None
    assert await bindings(world, device_id) == [(one, True)], "binding it again changes nothing"
    refused = await supervisor.post(f"/elders/{two}/devices", json={"device_id": device_id})
    assert (refused.status_code, refused.json()["code"]) == (409, "elders.device_bound")
    assert refused.json()["elder_id"] == one
    moved = await supervisor.post(f"/elders/{two}/devices", json={"device_id": device_id, "move": True})
    assert moved.status_code == 200
    assert await bindings(world, device_id) == [(one, False), (two, True)]
    assert (await supervisor.get(f"/elders/{one}")).json()["devices"] == []
    assert (await supervisor.delete(f"/elders/{one}/devices/{device_id}")).status_code == 404
    assert (await supervisor.delete(f"/elders/{two}/devices/{device_id}")).status_code == 204
    assert await bindings(world, device_id) == [(one, False), (two, False)]
    ended = [entry for entry in await world.audited("device_bindings.update") if entry["subject_id"] == device_id]
    assert [entry["actor_id"] for entry in ended] == [await supervisors_id(world)] * 2


async def test_a_device_nobody_provisioned_is_not_bound(supervisor: httpx.AsyncClient, world: World) -> None:
    answer = await supervisor.post(f"/elders/{world.elders['north']}/devices", json={"device_id": "W-NEVER"})
    assert (answer.status_code, answer.json()["code"]) == (404, "elders.unknown_device")
    assert "provision it first" in answer.json()["title"]


async def test_a_device_of_a_foreign_elder_cannot_be_taken(world: World) -> None:
    async with world.signed_in("south-chief") as client:
        path = f"/elders/{world.elders['south']}/devices"
        told = []
        for device_id in (world.devices["north"], "W-NEVER"):
            answer = await client.post(path, json={"device_id": device_id, "move": True})
            told.append((answer.status_code, answer.json()))
        assert told[0] == told[1], "foreign and unknown look alike"
        assert told[0][0] == 404
    assert await bindings(world, world.devices["north"]) == [(str(world.elders["north"]), True)]


async def test_open_cases_stay_with_the_elder_whose_alarm_it_was(world: World, supervisor: httpx.AsyncClient) -> None:
    device_id = await a_device(world, "W-PASSED-ON")
    one, two = [(await registered(supervisor, name=name))["id"] for name in ("先用者", "后用者")]

    async def press() -> UUID:
        now = datetime.now(UTC)
        (moved,) = await raised(world.parts.db, an_event(device_id, received_at=now, occurred_at=now))
        return moved.case.id

    async def whose(case_id: UUID) -> tuple[str, str]:
        case = (await supervisor.get(f"/alarms/cases/{case_id}")).json()
        return case["elder"]["id"], case["state"]

    await supervisor.post(f"/elders/{one}/devices", json={"device_id": device_id})
    first = await press()
    await supervisor.post(f"/elders/{two}/devices", json={"device_id": device_id, "move": True})
    assert await whose(first) == (one, "open")
    second = await press()
    assert second != first
    assert await whose(second) == (two, "open")
    assert await whose(first) == (one, "open")
    context = (await supervisor.get(f"/alarms/cases/{first}/context")).json()
    assert context["elder"]["id"] == one


async def test_the_command_binds_and_unbinds(
    world: World, postgres_dsn: str, supervisor: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YIAN_DATABASE", postgres_dsn)
    device_id = await a_device(world, "W-BY-HAND")
    one, two = [(await registered(supervisor, name=name))["id"] for name in ("甲", "乙")]

    async def yian_devices(*words: str) -> tuple[int, str]:
        ended = await asyncio.to_thread(CliRunner().invoke, devices_command, words)
        return ended.exit_code, ended.output

    assert await yian_devices("bind", device_id, one) == (0, f"{device_id} is carried by {one}.\n")
    code, told = await yian_devices("bind", device_id, two)
    assert (code, "unbind it first" in told) == (1, True)
    assert (await yian_devices("bind", device_id, two, "--move"))[0] == 0
    assert (await yian_devices("unbind", device_id))[0] == 0
    assert await bindings(world, device_id) == [(one, False), (two, False)]
    code, told = await yian_devices("bind", "W-NEVER", one)
    assert (code, "provision it first" in told) == (1, True)


async def test_a_supervisor_revokes_a_device_of_her_region_and_the_audit_names_her(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    device_id = await a_device(world, "W-REVOKE")
    elder_id = (await registered(supervisor, name="丙"))["id"]
    await supervisor.post(f"/elders/{elder_id}/devices", json={"device_id": device_id})
    for username, refused in (("city", 403), ("south-chief", 404)):
        async with world.signed_in(username) as client:
            assert (await client.delete(f"/devices/{device_id}/credential")).status_code == refused
    assert await bindings(world, device_id) == [(elder_id, True)]

    assert (await supervisor.delete(f"/devices/{device_id}/credential")).status_code == 204

    assert await bindings(world, device_id) == [(elder_id, False)]
    async with world.parts.db.transaction() as tx:
        assert device_id not in await handlers.device_password_hashes(tx)
    entries = [entry for entry in await world.audited("devices.update") if entry["subject_id"] == device_id]
    assert [(entry["actor_id"], entry["detail"]["columns"]) for entry in entries] == [
        (await supervisors_id(world), ["retired_at"])
    ]
    again = await supervisor.delete(f"/devices/{device_id}/credential")
    assert (again.status_code, again.json()["code"]) == (404, "elders.unknown_device")
