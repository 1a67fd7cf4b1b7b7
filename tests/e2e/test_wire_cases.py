"""The wire from outside: what a device says through a real broker, and the receipts, cases and readings it leads to."""

import asyncio
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from backbone.connect import connect_bus
from contracts.topics import ALL
from services.accounts.handlers import create_account
from services.accounts.passwords import Passwords
from services.accounts.permissions import Role
from services.db.migrate import migrate
from services.db.pool import Database
from tests.conftest import missing
from tests.integration.gateway_stack import Device, GatewayProcess, Stack, wait_until
from tests.wire_table import WIRE_CASES, Case, own_cases, payloads, properties, vendor_forms, wire_cases
from yian.servers import free_port

pytestmark = pytest.mark.real


@dataclass
class City:
    """Gateway, worker, writer and app as processes, between a real broker, a real bus and a real database."""

    stack: Stack
    dsn: str
    operator: httpx.Client

    def device(self) -> Device:
        return self.stack.device()

    def cases_of(self, device_id: str | None, *, worklist: bool = False) -> list[dict[str, Any]]:
        """Page by page. :param device_id: None: of all"""
        items: list[dict[str, Any]] = []
        asked: dict[str, Any] = {"worklist": worklist, "limit": 200} | ({"device_id": device_id} if device_id else {})
        while True:
            page = self.operator.get("/alarms/cases", params=asked).raise_for_status().json()
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            asked["cursor"] = page["next_cursor"]

    def the_case_of(self, device_id: str) -> dict[str, Any]:
        until(lambda: len(self.cases_of(device_id)) == 1)
        (item,) = self.cases_of(device_id)
        return item

    def seen_of(self, device_ids: Sequence[str]) -> dict[str, "Seen"]:
        """What the platform has made of each device's messages so far."""
        seen = {device_id: Seen([], [], []) for device_id in device_ids}
        one = device_ids[0] if len(device_ids) == 1 else None
        for worklist in (False, True):
            for item in self.cases_of(one, worklist=worklist):
                if item["device_id"] in seen:
                    (seen[item["device_id"]].worklist if worklist else seen[item["device_id"]].cases).append(item)
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(
                "SELECT device_id, name, extract(epoch FROM measured_at)::float8, value FROM readings"
                " WHERE device_id = ANY(%s) ORDER BY name, measured_at, value",
                (list(device_ids),),
            ).fetchall()
        for device_id, *reading in rows:
            seen[device_id].readings.append(reading)
        return seen


@dataclass(frozen=True)
class Seen:
    cases: list[dict[str, Any]]
    worklist: list[dict[str, Any]]
    readings: list[list[Any]]

    def differs(self, case: Case) -> str | None:
        """From what the case promises; None when it is so."""
        kinds = [sorted(item["kind"] for item in items) for items in (self.cases, self.worklist)]
        if kinds != [sorted(case.get("cases", [])), sorted(case.get("worklist", []))]:
            return f"cases and worklist: {kinds}"
        if "readings" in case and self.readings != sorted(case["readings"]):
            return f"readings: {self.readings}"
        return next((item for item in map(partial(_differs, case), self.cases) if item), None)


def _differs(case: Case, item: dict[str, Any]) -> str | None:
    promised = {"state": "open", "press_count": case.get("press_count", 1)}
    shown = {"state": item["state"], "press_count": item["press_count"]}
    if item["kind"] != "garbled":
        promised |= {"time_suspect": case.get("time_suspect", False), "location": case.get("location")}
        shown |= {"time_suspect": item["time_suspect"], "location": place_of(item) if "location" in case else None}
        if datetime.now(UTC) - datetime.fromisoformat(item["occurred_at"]) > timedelta(minutes=5):
            return f"occurred at {item['occurred_at']}"
    return None if shown == promised else f"{item['kind']}: {shown}"


def until(there: Callable[[], bool]) -> None:
    wait_until(there, within=10, what=lambda: "what the wire promises")


@pytest.fixture(scope="module", params=["mosquitto+kafka", "amqtt+postgres"])
def city(request: pytest.FixtureRequest, postgres_dsn: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    if not wire_cases():
        missing(f"{WIRE_CASES} is not here")
    broker_name, _, bus_name = request.param.partition("+")
    broker = request.getfixturevalue(broker_name)
    bus_server = request.getfixturevalue(bus_name)
    bus_url = postgres_dsn if bus_name == "postgres" else bus_server.address
    asyncio.run(prepared(postgres_dsn, bus_url))
    logs, port = tmp_path_factory.mktemp("city"), free_port()
    environment = {
        **os.environ,
        "YIAN_DATABASE": postgres_dsn,
        "YIAN_BUS": bus_url,
        "YIAN_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "YIAN_HTTP_PORT": str(port),
        "YIAN_METRICS_PORT": "0",
    }
    with ExitStack() as running:
        gateway = GatewayProcess(broker, bus_url, logs / "gateway.log").start()
        running.callback(gateway.stop)
        for module in ("services.alarm_worker", "services.worker", "services.telemetry.main", "services.app.main"):
            running.enter_context(a_process(module, environment, logs))
        operator = running.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}/api/v1", timeout=10))
        sign_in(operator, asyncio.run(an_account(postgres_dsn)))
        yield City(Stack(broker, bus_server, bus_url, gateway), postgres_dsn, operator)


async def prepared(dsn: str, bus_url: str) -> None:
    await migrate(dsn)
    bus = connect_bus(bus_url)
    await bus.create_topics(ALL)
    await bus.close()


async def an_account(dsn: str) -> tuple[str, str]:
    db = Database(dsn)
    await db.open()
    async with db.transaction() as tx:
        account, password = await create_account(
            tx, Passwords(), username=f"op{secrets.token_hex(4)}", name="王芳", role=Role.OPERATOR, region_codes=["42"]
        )
    await db.close()
    return account.username, password


def sign_in(operator: httpx.Client, account: tuple[str, str]) -> None:
    username, password = account

    def answers() -> bool:
        try:
            return operator.post("/session", json={"username": username, "password": password}).is_success
        except httpx.TransportError:
            return False

    wait_until(answers, within=30, what=lambda: "the app lets the operator in")
    operator.headers["X-CSRF-Token"] = operator.cookies["yian_csrf"]


@contextmanager
def a_process(module: str, environment: dict[str, str], logs: Path) -> Iterator[None]:
    with (logs / f"{module}.log").open("wb") as log:
        command = [sys.executable, "-c", f"from {module} import main; main()"]
        child = subprocess.Popen(command, env=environment, stderr=log, stdout=log)
        try:
            yield
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(20)


@pytest.mark.parametrize("case", wire_cases(), ids=lambda case: case["name"])
def test_a_message_leads_to_what_the_wire_promises(city: City, case: Case) -> None:
    device = city.device()
    said_and_answered(device, case)
    the_cases_are_there(city, {device.id: case})


def test_every_message_of_our_own_tables_leads_to_what_they_say(city: City) -> None:
    """Eight are said at once, and all before the first is looked at: there are many. Properties are of MQTT 5, which
    Mosquitto speaks."""
    cases = [case for case in own_cases() if city.stack.broker.name == "mosquitto" or "properties" not in case]
    devices = city.stack.devices([f"W-{secrets.token_hex(4)}" for _ in cases])
    with ThreadPoolExecutor(8) as voices:
        failures = [told for told in voices.map(unanswered, devices, cases) if told]
    assert not failures
    the_cases_are_there(city, {device.id: case for device, case in zip(devices, cases, strict=True)})


def unanswered(device: Device, case: Case) -> str | None:
    try:
        return said_and_answered(device, case)
    except AssertionError as error:
        return f"{case['name']}: {error}"


def test_vendors_forms_ring_or_not_among_readings(city: City) -> None:
    """One device says all that rings: it joins one case, and each counts. Another says all that does not."""
    rings = vendor_forms("rings")
    with city.device() as loud, city.device() as quiet:
        for device, forms in ((loud, rings), (quiet, vendor_forms("quiet"))):
            for said in forms:
                device.say("telemetry", said)
        answered = loud.hears(len(rings))
        until(lambda: sum(item["press_count"] for item in city.cases_of(loud.id)) >= len(rings))
        quiet.hears_nothing(within=0.05)
    assert {receipt["status"] for _, receipt in answered} <= {"accepted", "rejected"}
    assert city.cases_of(quiet.id) == []


def said_and_answered(device: Device, case: Case) -> None:
    now = datetime.now(UTC)
    told = properties(case, device.id, now)
    with device.in_version_5() if told else device:
        for payload in payloads(case, device.id, now):
            device.say(case["topic"], payload, qos=case.get("qos", 1), properties=told)
        expected = case.get("receipts", [])
        heard = device.hears(len(expected))
        receipts = [{key: receipt[key] for key in ("id", "status", "code") if key in receipt} for _, receipt in heard]
        if len(payloads(case, device.id, now)) > 1:  # of two messages either may be answered first
            receipts, expected = sorted(receipts, key=str), sorted(expected, key=str)
        assert receipts == expected
        device.hears_nothing(within=0.05)


def the_cases_are_there(city: City, said: dict[str, Case]) -> None:
    """:param said: by the id of the device that said it"""
    missing = dict(said)

    def all_there() -> bool:
        seen = city.seen_of(list(missing))
        for device_id, case in list(missing.items()):
            if seen[device_id].differs(case) is None:
                del missing[device_id]
        return not missing

    with suppress(AssertionError):
        until(all_there)
    seen = city.seen_of(list(missing)) if missing else {}
    assert {case["name"]: seen[device_id].differs(case) for device_id, case in missing.items()} == {}


def place_of(item: dict[str, Any]) -> dict[str, float] | None:
    place = item["location"]
    return place and {"lat": round(place["lat"], 5), "lon": round(place["lon"], 5)}


def test_a_fall_taken_back_stays_open_and_says_so(city: City) -> None:
    (case,) = [case for case in wire_cases() if case["name"].startswith("fall then cancelled")]
    with city.device() as device:
        for payload in case["payload"]:
            device.say("event", payload.replace("{now}", datetime.now(UTC).isoformat()))
        until(lambda: city.the_case_of(device.id)["fall_cancelled_at"] is not None)
        item = city.the_case_of(device.id)
    assert (item["kind"], item["state"]) == ("fall", "open")


def test_a_place_in_chinese_coordinates_is_stored_as_wgs84_with_its_source(city: City) -> None:
    (case,) = [case for case in wire_cases() if case["name"] == "GCJ-02 is converted"]
    with city.device() as device:
        device.say("event", case["payload"].replace("{now}", datetime.now(UTC).isoformat()))
        location = city.the_case_of(device.id)["location"]
    assert location["source_datum"] == "GCJ-02"
    assert location["lat"] == pytest.approx(30.2004, abs=0.0002)
    assert location["lon"] == pytest.approx(115.0389, abs=0.0002)


def test_an_id_used_again_for_something_else_masks_nothing(city: City) -> None:
    """Firmware with a counter that begins anew: an hour after the press a fall has the press's id."""
    now = datetime.now(UTC)
    with city.device() as device:
        press = {"specversion": "1.0", "id": "7", "source": f"/devices/{device.id}", "type": "device.sos"}
        press["time"] = (now - timedelta(hours=1)).isoformat()
        for event in (press, press, press | {"type": "device.fall", "time": now.isoformat()}):
            device.say("event", json.dumps(event))
        assert [receipt["status"] for _, receipt in device.hears(3)] == ["accepted"] * 3
        until(lambda: len(city.cases_of(device.id)) == 2)
        cases = {item["kind"]: item for item in city.cases_of(device.id)}
    assert {kind: item["press_count"] for kind, item in cases.items()} == {"sos": 1, "fall": 1}
    fall = city.operator.get(f"/alarms/cases/{cases['fall']['id']}").raise_for_status().json()
    assert "id.reused" in json.dumps(fall)


def test_a_fix_found_since_reaches_the_case_with_the_repeat(city: City) -> None:
    with city.device() as device:
        press: dict[str, Any] = {"specversion": "1.0", "id": "p1", "source": f"/devices/{device.id}"}
        press |= {"type": "device.sos", "time": datetime.now(UTC).isoformat(), "data": {"location": None}}
        device.say("event", json.dumps(press))
        assert city.the_case_of(device.id)["location"] is None
        found = {"lat": 30.2012, "lon": 115.0387, "fix": "gps"}
        device.say("event", json.dumps(press | {"data": {"location": found}}))
        until(lambda: city.the_case_of(device.id)["location"] is not None)
        item = city.the_case_of(device.id)
    assert place_of(item) == {"lat": 30.2012, "lon": 115.0387}
    assert item["press_count"] == 1


def test_a_device_hears_accepted_answered_and_closed(city: City) -> None:
    with city.device() as device:
        press = {"specversion": "1.0", "id": "p1", "source": f"/devices/{device.id}", "type": "device.sos"}
        device.say("event", json.dumps(press))
        [(_, accepted)] = device.hears(1)
        item = city.the_case_of(device.id)
        case_url = f"/alarms/cases/{item['id']}"
        city.operator.post(f"{case_url}/claim").raise_for_status()
        [(_, answered)] = device.hears(1)
        device.say("event", json.dumps(press | {"id": "p2"}))
        second = device.hears(2)
        closing = {"outcome": "handled_by_phone", "note": "老人按错"}
        city.operator.post(f"{case_url}/close", json=closing).raise_for_status()
        closed = device.hears(2)
    assert (accepted["id"], accepted["status"]) == ("p1", "accepted")
    assert (answered["id"], answered["status"], answered["case_id"]) == ("p1", "answered", item["id"])
    assert sorted((r["id"], r["status"]) for _, r in second) == [("p2", "accepted"), ("p2", "answered")]
    assert sorted((r["id"], r["status"], r["case_id"]) for _, r in closed) == [
        ("p1", "closed", item["id"]),
        ("p2", "closed", item["id"]),
    ]
    timeline = city.operator.get(case_url).json()["timeline"]
    assert [(entry["move"], entry["actor"] is not None) for entry in timeline] == [
        ("open", False),
        ("claim", True),
        ("press", False),
        ("close", True),
    ]
