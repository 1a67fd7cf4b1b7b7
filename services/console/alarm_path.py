"""Whether an alarm would get through now. Each app process checks it for itself, every second, also by writing.

Ages are measured on this process's own steady clock, so a wrong clock elsewhere neither hides nor invents a standstill.
Gateways report over the bus which probe they send; the row of a probe shows which one arrived.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import structlog
from prometheus_client import Gauge
from pydantic import ValidationError

from backbone.bus import Bus, BusUnavailable, Delivered, Record
from backbone.hear import hear_from_now_on
from contracts.alarm_path import BusProbed, GatewaySign
from contracts.envelope import headers
from contracts.topics import ALARM_PATH
from services.alarms.store_path import Look, PathStore
from services.console.rules import (
    FORGOTTEN_SECONDS,
    PROBE_SECONDS,
    BrokerSight,
    Part,
    Sight,
    Stopped,
    broker_silent,
    stopped_at,
)
from services.db.pool import Database, DatabaseUnreachable

LOOK_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""A database that takes longer to write one row counts as away."""
JUDGE_SECONDS = 0.5
AGAIN_SECONDS = 0.3
REMEMBERED = 500
"""Probes whose sending is remembered: a quarter of an hour of one gateway."""
SIGNS = 3

STOPPED = Gauge("yian_alarm_path_stopped", "1 while alarms do not get through here", ["part"])
AGE = Gauge("yian_alarm_path_age_seconds", "since this part was last seen to let alarms through", ["part"])
CLOCK = Gauge("yian_alarm_path_clock_seconds", "how far the clock that is furthest from the database's is from it")

log = structlog.get_logger("alarm_path")


@dataclass(slots=True)
class _Gateway:
    sign_at: float
    broker: BrokerSight
    """When it gave that sign."""
    partitions: tuple[int, ...] = ()
    """Its probes pass through each of them."""
    ahead: deque[float] = field(default_factory=lambda: deque(maxlen=SIGNS))
    """How far its clock is ahead of ours, by its last signs; a sign that was long on its way makes this smaller."""


class AlarmPath:
    def __init__(self, db: Database, bus: Bus, now: Callable[[], datetime]) -> None:
        self._db = db
        self._bus = bus
        self._now = now
        self._app_id = uuid4().hex
        began = time.monotonic()
        self._began = self._written_at = self._carried_at = began
        self._kept_at: dict[int, float] = {}
        """By partition: when the newest probe that became a row was sent."""
        """At the start nothing has been seen yet; each part counts as working until its patience has run out."""
        self._gateways: dict[str, _Gateway] = {}
        self._sent: OrderedDict[str, float] = OrderedDict()
        self._app_ahead = 0.0
        self._workers_ahead: dict[int, float] = {}
        self.stopped: Stopped | None = None
        self.changed = asyncio.Event()
        """Set when `stopped` has become something else; whoever waits for it clears it."""

    async def run(self) -> None:
        """Until cancelled."""
        for part in Part:
            STOPPED.labels(part).set(self.stopped is not None and self.stopped.part == part)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._write(), name="path write")
            group.create_task(self._publish(), name="path publish")
            group.create_task(self._listen(), name="path listen")
            group.create_task(self._judge(), name="path judge")

    # --- what is tried

    async def _write(self) -> None:
        while True:
            with suppress(DatabaseUnreachable, psycopg.Error, TimeoutError, OSError):
                async with await self._db.connect_alone() as connection:
                    await self._write_on(PathStore(connection))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _write_on(self, store: PathStore) -> None:
        while True:
            asked_at = self._now()
            async with asyncio.timeout(ANSWER_SECONDS):
                look = await store.write_and_look()
            self._saw(look, asked_at + (self._now() - asked_at) / 2)
            await asyncio.sleep(LOOK_SECONDS)

    async def _publish(self) -> None:
        probe = BusProbed(app_id=self._app_id)
        while True:
            with suppress(BusUnavailable):
                await self._bus.publish(
                    [Record(ALARM_PATH.name, probe.value(), headers=headers(probe.TYPE, probe.SOURCE))]
                )
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen(self) -> None:
        await hear_from_now_on(self._bus, [ALARM_PATH], self._hear)

    # --- what is seen

    def _saw(self, look: Look, our_clock: datetime) -> None:
        self._written_at = time.monotonic()
        self._app_ahead = (our_clock - look.at).total_seconds()
        for probe in look.probes:
            if probe.probe_id in self._sent:
                sent_at = self._sent[probe.probe_id]
                self._kept_at[probe.partition] = max(self._kept_at.get(probe.partition, sent_at), sent_at)
                self._workers_ahead[probe.partition] = probe.worker_ahead_seconds

    def _hear(self, record: Delivered) -> None:
        try:
            if record.headers.get("ce_type") == GatewaySign.TYPE:
                self._hear_gateway(GatewaySign.read(record.value))
            elif BusProbed.read(record.value).app_id == self._app_id:
                self._carried_at = time.monotonic()
        except ValidationError:
            log.warning("sign_unreadable", bytes=len(record.value))

    def _hear_gateway(self, sign: GatewaySign) -> None:
        now = time.monotonic()
        if sign.leaves:
            self._see_off(sign.gateway_id, now)
            return
        broker = BrokerSight(sign.probe_heard_seconds_ago, sign.without_broker_seconds)
        gateway = self._gateways.setdefault(sign.gateway_id, _Gateway(now, broker))
        gateway.sign_at, gateway.broker, gateway.partitions = now, broker, sign.partitions
        for partition in sign.partitions:
            self._kept_at.setdefault(partition, now)  # from now on it has to let something through
        gateway.ahead.append((sign.at - self._now()).total_seconds())
        self._sent[sign.probe_id] = now
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    def _see_off(self, gateway_id: str, now: float) -> None:
        """It is not missed where another one takes what it took."""
        others = [seen for name, seen in self._gateways.items() if name != gateway_id]
        if any(now - seen.sign_at < PROBE_SECONDS for seen in others):
            self._gateways.pop(gateway_id, None)

    # --- what follows

    async def _judge(self) -> None:
        while True:
            self.judge()
            await asyncio.sleep(JUDGE_SECONDS)

    def judge(self) -> None:
        sight = self._sight(time.monotonic())
        _tell(sight)
        found = stopped_at(sight)
        if (found[0] if found else None) == (self.stopped.part if self.stopped else None):
            return
        before, self.stopped = self.stopped, None
        if found is not None:
            part, ago = found
            self.stopped = Stopped(part, before.since if before else self._now() - timedelta(seconds=ago))
            log.error("alarms_stopped", part=part, since=self.stopped.since.isoformat())
        else:
            log.info("alarms_get_through")
        for part in Part:
            STOPPED.labels(part).set(self.stopped is not None and self.stopped.part == part)
        self.changed.set()

    def _sight(self, now: float) -> Sight:
        for gateway_id in [one for one, seen in self._gateways.items() if now - seen.sign_at > FORGOTTEN_SECONDS]:
            del self._gateways[gateway_id]
        gateways = self._gateways.values()
        ahead = {f"gateway {name}": max(seen.ahead) + self._app_ahead for name, seen in self._gateways.items()}
        used = {partition for seen in gateways for partition in seen.partitions}
        ahead |= {f"worker of {one}": self._workers_ahead[one] for one in used & self._workers_ahead.keys()}
        kept = [self._kept_at[partition] for partition in used]
        # gateways of the release before send a probe through one partition only
        kept_at = min(kept) if kept else max(self._kept_at.values(), default=self._began)
        return Sight(
            written_ago=now - self._written_at,
            carried_ago=now - self._carried_at,
            gateway_ago=now - min((seen.sign_at for seen in gateways), default=self._began),
            broker_ago=broker_silent([seen.broker for seen in gateways if now - seen.sign_at < PROBE_SECONDS]),
            kept_ago=now - kept_at,
            ahead=ahead | {"app": self._app_ahead},
        )


def _tell(sight: Sight) -> None:
    for part, ago in (
        (Part.DATABASE, sight.written_ago),
        (Part.BUS, sight.carried_ago),
        (Part.GATEWAY, sight.gateway_ago),
        (Part.BROKER, sight.broker_ago),
        (Part.WORKER, sight.kept_ago),
    ):
        AGE.labels(part).set(ago)
    CLOCK.set(max(map(abs, sight.ahead.values()), default=0.0))
