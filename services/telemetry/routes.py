"""Vitals of an elder, or of a device that nobody carries."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.telemetry import handlers
from services.telemetry.handlers import LatestVital, Series
from services.telemetry.store import ReadingRemark

DeviceId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$")]
Name = Annotated[str, Query(min_length=1, max_length=128, pattern=r"^[^\x00]*$", description="heart_rate, spo2, …")]
Hours = Annotated[int, Query(ge=1, le=24 * 92, description="up to 48 as measured, longer in hourly averages")]


def routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(tags=["vitals"])

    @router.get("/elders/{elder_id}/vitals/latest")
    async def latest_vitals_of_elder(
        elder_id: UUID, caller: Caller = guard.allows(Permission.VITALS_READ)
    ) -> list[LatestVital]:
        async with db.transaction() as tx:
            return await handlers.elder_latest(tx, elder_id, scope=caller.scope, now=now())

    @router.get("/elders/{elder_id}/vitals/series")
    async def vital_series_of_elder(
        elder_id: UUID, name: Name, hours: Hours = 24, caller: Caller = guard.allows(Permission.VITALS_READ)
    ) -> Series:
        async with db.transaction() as tx:
            return await handlers.elder_series(tx, elder_id, name, hours=hours, scope=caller.scope, now=now())

    @router.get("/devices/{device_id}/vitals/latest")
    async def latest_vitals_of_device(
        device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_READ)
    ) -> list[LatestVital]:
        async with db.transaction() as tx:
            return await handlers.device_latest(tx, device_id, scope=caller.scope, now=now())

    @router.get("/devices/{device_id}/vitals/series")
    async def vital_series_of_device(
        device_id: DeviceId, name: Name, hours: Hours = 24, caller: Caller = guard.allows(Permission.DEVICES_READ)
    ) -> Series:
        async with db.transaction() as tx:
            return await handlers.device_series(tx, device_id, name, hours=hours, scope=caller.scope, now=now())

    @router.get("/devices/{device_id}/readings/remarks")
    async def reading_remarks_of_device(
        device_id: DeviceId, caller: Caller = guard.allows(Permission.DEVICES_READ)
    ) -> list[ReadingRemark]:
        """Which of its readings of the last thirty days were not as in RFC 8428 and were read all the same, the latest
        first."""
        async with db.transaction() as tx:
            return await handlers.device_remarks(tx, device_id, scope=caller.scope)

    return router
