"""A gateway's own probes, among what devices say."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from gateway_scene import NOW, FakeBus, FakeConnection, Log
from prometheus_client import REGISTRY

from backbone.bus import BusUnavailable
from contracts.alarm_path import GatewaySign, PathProbe
from contracts.topics import ALARM_PATH, DEVICE_EVENT
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.probes import PathProbes
from ingest_gateway.mqtt.routes import PROBES, Routes
from services.elders.rules import BadDeviceId, check_device_id

PRESS = Publish("yian/v1/W-1/up/event", b"{}", 7, False)


class Gateway:
    def __init__(self, *, every_seconds: float = 0.01) -> None:
        self.bus, self.connection = FakeBus(Log()), FakeConnection(Log())
        self.reached = asyncio.Event()
        self.reached.set()
        self.probes = PathProbes(
            self.bus,  # type: ignore[arg-type]
            lambda: self.connection if self.reached.is_set() else None,  # type: ignore[arg-type, return-value]
            self.reached.wait,
            lambda: NOW,
            gateway_id="1",
            every_seconds=every_seconds,
        )
        self.heard: list[Publish] = []

    def hear(self, *messages: Publish) -> None:
        hear = self.probes.beside(lambda _, messages: self.heard.extend(messages))
        hear(self.connection, list(messages))  # type: ignore[arg-type]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.probes.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def a_probe(mid: int = 3, payload: bytes | None = None) -> Publish:
    probe = PathProbe(probe_id="p1", gateway_id="2", sent_at=NOW)
    return Publish(PROBES, probe.value() if payload is None else payload, mid, False)


async def until(there: Any) -> None:
    async with asyncio.timeout(5):
        while not there():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_probes_are_sent_again_and_again_and_each_is_told_of_on_the_bus() -> None:
    gateway = Gateway()
    async with gateway.running():
        await until(lambda: len(gateway.connection.receipts) >= 3 and len(gateway.bus.records) >= 3)
    assert {topic for topic, _ in gateway.connection.receipts} == {PROBES}
    sent = [payload["probe_id"] for _, payload in gateway.connection.receipts]
    signs = [GatewaySign.read(value) for value in gateway.bus.of(ALARM_PATH.name)]
    assert len(set(sent)) == len(sent)
    assert {sign.probe_id for sign in signs} <= set(sent)
    assert {sign.partitions for sign in signs} == {(0, 1, 2)}


async def test_a_gateway_that_reaches_its_broker_sends_a_probe_at_once() -> None:
    """And tells of it, also where the bus has not yet taken the sign given before."""
    gateway = Gateway(every_seconds=60)
    gateway.reached.clear()
    gateway.bus.open.clear()
    async with gateway.running():
        await until(lambda: gateway.bus.publishes == 1)
        assert gateway.connection.receipts == []
        gateway.reached.set()
        await until(lambda: gateway.bus.publishes == 2)
        gateway.bus.open.set()
        await until(lambda: len(gateway.bus.records) == 2)
    ((_, probe),) = gateway.connection.receipts
    assert probe["probe_id"] in [GatewaySign.read(value).probe_id for value in gateway.bus.of(ALARM_PATH.name)]


async def test_a_gateway_that_has_lost_its_broker_says_since_when_and_one_that_never_had_it_does_not() -> None:
    gateway = Gateway()
    gateway.reached.clear()
    async with gateway.running():
        await until(lambda: len(gateway.bus.records) >= 2)
        never = len(gateway.bus.records)
        gateway.reached.set()
        await until(lambda: gateway.connection.receipts)
        gateway.reached.clear()
        lost = len(gateway.bus.records) + 1
        await until(lambda: len(gateway.bus.records) >= lost + 2)
    told = [GatewaySign.read(value).without_broker_seconds for value in gateway.bus.of(ALARM_PATH.name)]
    assert set(told[:never]) == {0.0}
    assert 0.0 < told[lost] < told[lost + 1]


async def test_a_probe_that_comes_back_goes_to_the_bus_and_what_devices_said_goes_on() -> None:
    gateway = Gateway()
    gateway.hear(PRESS, a_probe(), PRESS)
    await until(lambda: gateway.connection.acknowledged)
    assert {(record.topic, record.headers["ce_type"]) for record in gateway.bus.records} == {
        (DEVICE_EVENT.name, PathProbe.TYPE)
    }
    assert {PathProbe.read(record.value).gateway_id for record in gateway.bus.records} == {"2"}
    assert [record.partition for record in gateway.bus.records] == [0, 1, 2], "each may be read by another process"
    assert gateway.heard == [PRESS, PRESS]
    assert gateway.connection.acknowledged == [3]


async def test_a_bus_that_hangs_does_not_stop_the_probes() -> None:
    gateway = Gateway()
    gateway.bus.open.clear()
    async with gateway.running():
        await until(lambda: len(gateway.connection.receipts) >= 5)
        heard_ago = REGISTRY.get_sample_value("yian_gateway_probe_heard_seconds")
    assert gateway.bus.publishes == 1, "one sign at a time"
    assert heard_ago is not None
    assert heard_ago >= 0.04, "also where no sign can be given"


async def test_a_probe_the_bus_does_not_take_is_let_go() -> None:
    gateway = Gateway()
    gateway.bus.troubles = [BusUnavailable("away")]
    gateway.hear(a_probe())
    await until(lambda: gateway.connection.acknowledged)
    assert gateway.bus.records == []


async def test_what_is_no_probe_on_its_topic_is_let_go() -> None:
    gateway = Gateway()
    gateway.hear(a_probe(payload=b"\xff"), a_probe(mid=4, payload=b"[]"))
    await until(lambda: len(gateway.connection.acknowledged) == 2)
    assert (gateway.bus.records, gateway.heard) == ([], [])


async def test_no_device_can_have_the_name_of_their_topic_and_the_bulk_lane_leaves_them_to_the_other() -> None:
    with pytest.raises(BadDeviceId):
        check_device_id(PROBES.split("/")[2])
    route = Routes().of(PROBES)
    assert route is not None
    assert route.lane == "event"
