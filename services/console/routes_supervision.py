"""The shift leader's page: what is not on the feed of cases."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.console.supervision import DesksNow, SupervisedDay, Supervision
from services.db.pool import Database


def supervision_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/supervision", tags=["supervision"])
    supervision = Supervision(db)

    @router.get("/desks")
    async def get_desks(caller: Caller = guard.allows(Permission.SUPERVISION_READ)) -> DesksNow:
        """Operators at their consoles with the alarms of each, and who holds which case until when."""
        return await supervision.desks(caller.scope, now())

    @router.get("/day")
    async def get_day(caller: Caller = guard.allows(Permission.SUPERVISION_READ)) -> SupervisedDay:
        """Today's answers beside their targets, devices offline by model, and visits that are late now."""
        return await supervision.day(caller.scope, now())

    return router
