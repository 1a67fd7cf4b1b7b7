"""Escalation plans over HTTP: read and written by the supervisors of their places, and rehearsed."""

from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from fastapi import APIRouter, Response

from services.accounts.conditions import IdempotencyKey, IfMatchNeeded, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.business_day import business_day
from services.db.pool import Connection, Database
from services.errors import NotFound
from services.response import editing
from services.response.forms import EscalationPlanForm, NewEscalationPlanForm, RehearsalForm
from services.response.store_plans import PlanStore
from services.response.views import EscalationPlanList, EscalationPlanView, RehearsalView


def escalation_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/escalation-plans", tags=["escalation-plans"])

    async def views(tx: Connection, caller: Caller, plan_id: UUID | None = None) -> list[EscalationPlanView]:
        store = PlanStore(tx)
        versions = await store.listed(caller.scope, plan_id=plan_id)
        regions, elders = await store.names([one.place for one in versions])
        return [
            EscalationPlanView.of(list(of_plan), now(), regions, elders)
            for _, of_plan in groupby(versions, key=lambda one: one.place.id)
        ]

    async def told(plan_id: UUID, response: Response, caller: Caller) -> EscalationPlanView:
        async with db.transaction() as tx:
            found = await views(tx, caller, plan_id)
        if not found:
            raise NotFound
        response.headers.update(etag(found[0].version))
        return found[0]

    @router.get("")
    async def list_escalation_plans(caller: Caller = guard.allows(Permission.ESCALATION_READ)) -> EscalationPlanList:
        """Of the caller's regions and of their elders, also what has ended or not begun; and the built-in plan."""
        async with db.transaction() as tx:
            return EscalationPlanList.of(await views(tx, caller))

    @router.post("", status_code=201)
    async def write_escalation_plan(
        body: NewEscalationPlanForm,
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.ESCALATION_WRITE),
    ) -> EscalationPlanView:
        """A region's, or one elder's. Cases that are open keep the plan they were opened with."""
        filed = Filed(
            by=caller.id, key=idempotency_key, digest=digest_of("escalation_plan", body.model_dump(mode="json"))
        )
        async with db.transaction(actor=caller.id) as tx:
            plan_id = await editing.write_plan(tx, body, by=caller, today=business_day(now()), filed=filed)
        return await told(plan_id, response, caller)

    @router.post("/rehearsal")
    async def rehearse_escalation(
        body: RehearsalForm, caller: Caller = guard.allows(Permission.ESCALATION_READ)
    ) -> RehearsalView:
        """What would happen to a case, by the rules that decide when one opens; and what is wrong with a draft."""
        async with db.transaction() as tx:
            rehearsed = await editing.rehearse(tx, body, scope=caller.scope, now=now())
        return RehearsalView.of(rehearsed, body.at)

    @router.get("/{plan_id}")
    async def get_escalation_plan(
        plan_id: UUID, response: Response, caller: Caller = guard.allows(Permission.ESCALATION_READ)
    ) -> EscalationPlanView:
        """Every version; the ETag is the newest."""
        return await told(plan_id, response, caller)

    @router.put("/{plan_id}")
    async def change_escalation_plan(
        plan_id: UUID,
        body: EscalationPlanForm,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.ESCALATION_WRITE),
    ) -> EscalationPlanView:
        """Adds a version, which holds from a day on. 412 names the newest."""
        async with db.transaction(actor=caller.id) as tx:
            await editing.change_plan(
                tx, plan_id, body, version=version_of(if_match), by=caller, today=business_day(now())
            )
        return await told(plan_id, response, caller)

    return router
