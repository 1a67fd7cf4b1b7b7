"""Probes (test messages): every two seconds a gateway sends one to the broker and gets it back with the devices'
events.

Whatever stops the events of devices stops the probe too, so it is noticed before somebody needs help. The probe goes on
to the bus; the worker turns it into a row of the database, and the app checks that row. No device may write to its
topic, because the gateway's user name cannot be a device id.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

import structlog
from prometheus_client import Gauge
from pydantic import ValidationError

from backbone.bus import Bus, BusUnavailable, Record
from contracts.alarm_path import GatewaySign, PathProbe
from contracts.envelope import headers
from contracts.topics import ALARM_PATH, DEVICE_EVENT
from ingest_gateway.mqtt.connection import MqttConnection, OnMessages
from ingest_gateway.mqtt.model import Publish
from ingest_gateway.mqtt.routes import PROBES

EVERY_SECONDS = 2.0
SIGN, SIGN_WITHOUT_BROKER, PROBE = "path sign", "path sign without broker", "path probe"

HEARD = Gauge("yian_gateway_probe_heard_seconds", "since the broker last gave back a probe")

log = structlog.get_logger("probes")


class PathProbes:
    def __init__(
        self,
        bus: Bus,
        connection: Callable[[], MqttConnection | None],
        reached: Callable[[], Coroutine[None, None, object]],
        now: Callable[[], datetime],
        *,
        gateway_id: str,
        every_seconds: float = EVERY_SECONDS,
    ) -> None:
        """:param reached: waits until there is a connection
        :param bus: called once for each probe; a probe that it does not take is dropped, as the next one follows
        soon"""
        self._bus = bus
        self._connection = connection
        self._reached = reached
        self._now = now
        self._gateway_id = gateway_id
        self._every = every_seconds
        self._heard_at = time.monotonic()
        self._connected_at: float | None = None
        """When it last had a connection; None: it never had."""
        self._under_way: set[asyncio.Task[None]] = set()

    def beside(self, hear: OnMessages) -> OnMessages:
        """`hear` receives the messages of devices only; probes are taken out."""

        def split(connection: MqttConnection, messages: list[Publish]) -> None:
            probes = [message for message in messages if message.topic == PROBES]
            for probe in probes:
                self._pass_on(connection, probe)
            said = [message for message in messages if message.topic != PROBES] if probes else messages
            if said:
                hear(connection, said)

        return split

    async def run(self) -> None:
        """Until cancelled."""
        HEARD.set_function(lambda: self._heard_ago)
        while True:
            probe = PathProbe(probe_id=uuid4().hex, gateway_id=self._gateway_id, sent_at=self._now())
            connection = self._connection()
            if connection is not None:
                self._connected_at = time.monotonic()
                connection.publish_unwatched(PROBES, probe.value())
                self._tell(probe, SIGN)
                await asyncio.sleep(self._every)
            else:
                self._tell(probe, SIGN_WITHOUT_BROKER)
                with suppress(
                    TimeoutError
                ):  # the sooner a probe is sent, the sooner it is known that alarms get through
                    await asyncio.wait_for(self._reached(), self._every)

    def _tell(self, probe: PathProbe, name: str) -> None:
        """One sign of a name at a time: a bus that hangs must not stop the probes."""
        if not any(task.get_name() == name for task in self._under_way):
            self._start(self._give_sign(probe), name)

    @property
    def _heard_ago(self) -> float:
        return time.monotonic() - self._heard_at

    @property
    def _without_broker(self) -> float:
        if self._connected_at is None or self._connection() is not None:
            return 0.0
        return time.monotonic() - self._connected_at

    async def _give_sign(self, probe: PathProbe) -> None:
        with suppress(BusUnavailable):  # the app then hears no sign, and says that the bus or the gateway is silent
            await self._tell_apps(probe)

    async def say_farewell(self) -> None:
        """Nobody is to miss this gateway. Called once it takes nothing more from the broker."""
        probe = PathProbe(probe_id=uuid4().hex, gateway_id=self._gateway_id, sent_at=self._now())
        with suppress(BusUnavailable):  # it is missed, then, as one that died
            await self._tell_apps(probe, leaves=True)

    async def _tell_apps(self, probe: PathProbe, *, leaves: bool = False) -> None:
        sign = GatewaySign(
            gateway_id=self._gateway_id,
            at=self._now(),
            probe_id=probe.probe_id,
            probe_heard_seconds_ago=self._heard_ago,
            without_broker_seconds=self._without_broker,
            leaves=leaves,
            partitions=tuple(await self._bus.partitions_of(DEVICE_EVENT)),
        )
        record = Record(ALARM_PATH.name, sign.value(), key=self._gateway_id, headers=headers(sign.TYPE, sign.SOURCE))
        await self._bus.publish([record])

    def _pass_on(self, connection: MqttConnection, message: Publish) -> None:
        self._start(self._to_the_bus(connection, message), PROBE)

    def _start(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _to_the_bus(self, connection: MqttConnection, message: Publish) -> None:
        try:
            probe = PathProbe.read(message.payload)
            self._heard_at = time.monotonic()
            told = headers(probe.TYPE, probe.SOURCE)
            # through every partition: each may be read by another process, and each of these may hang by itself
            await self._bus.publish(
                [
                    Record(DEVICE_EVENT.name, probe.value(), headers=told, partition=partition)
                    for partition in await self._bus.partitions_of(DEVICE_EVENT)
                ]
            )
        except ValidationError:
            log.warning("no_probe", bytes=len(message.payload))
        except BusUnavailable:
            pass  # that it never arrives is what the probe tells; the bus' own trouble is logged where it is watched
        finally:
            if message.mid:
                connection.acknowledge([message.mid])
