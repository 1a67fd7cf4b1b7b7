"""What happens because time has passed. Timers are rows with times of the database's clock, so they outlive any
process."""

import asyncio
import math

import structlog
from prometheus_client import Counter, Gauge

from services.alarms import handlers, store_notes
from services.alarms.rules import is_broker_wide
from services.alarms.store_leases import LeaseStore
from services.alarms.store_supervision import SupervisionStore
from services.alarms.store_waiting import waiting
from services.db import inbox
from services.db.pool import Database, DatabaseUnreachable

LOOK_EVERY_SECONDS = 1.0
PURGE_EVERY_SECONDS = 300.0
GRACE_SECONDS = 20.0
"""While the database was away nobody could renew a lease: operators get this much time before a claim is taken from
them."""

SUPERVISE_EVERY_SECONDS = 15.0
COUNT_EVERY_SECONDS = 10.0

ONLINE = Gauge("yian_devices_online", "devices counted as online")
INCIDENT = Gauge("yian_broker_incident", "1 while the devices are silent all together")
LAPSES = Counter("yian_alarm_lapses", "claims that lapsed", ["reason"])
WAITING = Gauge("yian_alarm_cases_waiting", "cases that nobody has taken, without technical ones")
OLDEST = Gauge("yian_alarm_cases_oldest_seconds", "how long the oldest of them has waited")

log = structlog.get_logger("alarm timers")


class LeaseTimer:
    """Several workers may run one each: a row that one has locked is skipped by the others."""

    def __init__(self, db: Database, *, every_seconds: float = LOOK_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        patient_until = 0.0
        while True:
            await asyncio.sleep(self._every)
            if loop.time() < patient_until:
                continue
            try:
                await self.lapse_overdue()
            except DatabaseUnreachable:
                patient_until = loop.time() + GRACE_SECONDS
                log.warning("leases_wait", seconds=GRACE_SECONDS)

    async def lapse_overdue(self) -> int:
        """Returns how many claims lapsed."""
        async with self._db.transaction() as tx:
            overdue = await LeaseStore(tx).lock_overdue()
            for claim in overdue:
                await handlers.lapse(tx, claim.case, reason=claim.reason, now=claim.now)
        for claim in overdue:
            LAPSES.labels(claim.reason).inc()
        return len(overdue)


class SilenceTimer:
    """A device silent for three of its intervals is offline; all of them together are one incident."""

    def __init__(self, db: Database, *, every_seconds: float = SUPERVISE_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.look()
            except DatabaseUnreachable:
                log.warning("supervision_waits")

    async def look(self) -> None:
        async with self._db.transaction() as tx:
            store = SupervisionStore(tx)
            await store.mark_back()
            seen = await store.look()
            broker_wide = is_broker_wide(online=seen.online, silent=seen.silent, nobody_heard=seen.nobody_heard)
            if broker_wide and seen.incident_since is None:
                await store.begin_incident(seen.silent)
                log.error("all_devices_silent", devices=seen.silent)
            elif not broker_wide and seen.incident_since is not None:
                await store.end_incident()  # and nobody counts as offline for a silence that lies within that time
                log.info("devices_heard_again")
            elif not broker_wide and seen.silent:
                log.info("devices_offline", devices=await store.mark_offline())
        ONLINE.set(seen.online)
        INCIDENT.set(broker_wide)


class WaitingCount:
    """How many cases nobody has taken, for whoever watches the platform; the operators see the cases themselves."""

    def __init__(self, db: Database, *, every_seconds: float = COUNT_EVERY_SECONDS) -> None:
        self._db = db
        self._every = every_seconds

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except DatabaseUnreachable:
                WAITING.set(math.nan)  # not known, which is something else than none
                OLDEST.set(math.nan)
            await asyncio.sleep(self._every)

    async def look(self) -> None:
        async with self._db.reading() as tx:
            found = await waiting(tx)
        WAITING.set(found.cases)
        OLDEST.set(found.oldest_seconds)


class Purge:
    """Deletes what is kept only for a while: known events, notes of devices, console connections long gone."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except DatabaseUnreachable:
                log.warning("purge_waits")
            await asyncio.sleep(PURGE_EVERY_SECONDS)

    async def once(self) -> None:
        for purge in (inbox.purge, store_notes.purge):
            slice_full = True
            while slice_full:
                async with self._db.transaction() as tx:
                    slice_full = await purge(tx, at_most=5000) >= 5000
        async with self._db.transaction() as tx:
            await LeaseStore(tx).forget_gone()
