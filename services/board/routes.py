"""What a dispatcher looks at: the plan of a day, why her, what somebody else would mean."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.accounts.guard import Guard
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Permission
from services.assignment.answers import OrderAsked, PlanTold, WhatIfAsked, WhatIfTold, WhyTold
from services.assignment.client import DispatcherClient
from services.board.forms import WhatIfForm
from services.db.pool import Database
from services.errors import NotFound
from services.orders.model import Order
from services.orders.store import OrderStore
from services.providers.workers.store import WorkerStore

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def board_routes(db: Database, guard: Guard, dispatcher: DispatcherClient) -> APIRouter:
    router = APIRouter(tags=["dispatch"])

    @router.get("/board")
    async def get_board(
        area: Annotated[str, Query(pattern=r"^\d{6}$", description="a county")],
        day: Annotated[date, Query(ge=FIRST_DAY, le=LAST_DAY, description="a business day")],
        caller: Caller = guard.allows(Permission.DISPATCH_READ),
    ) -> PlanTold:
        """Workers with their visits, who waits, who is late; of an area that is not the caller's nothing. A provider
        sees its own. 503 while nobody plans the area."""
        if caller.scope.provider_id is None and not caller.scope.covers(region_code=area, elder_id=None):
            return PlanTold(area=area, day=day, workers=(), unassigned=(), late=())
        return _seen_by(await dispatcher.plan(area, day), caller.scope)

    @router.get("/visits/{visit_id}/why")
    async def get_why(visit_id: UUID, caller: Caller = guard.allows(Permission.DISPATCH_READ)) -> WhyTold:
        """Why this worker, or nobody, in sentences that can be said on the phone."""
        order = await _order_of(db, visit_id, caller.scope)
        return await dispatcher.why(OrderAsked(**_key(order)))

    @router.post("/visits/{visit_id}/what-if")
    async def ask_what_if(
        visit_id: UUID, body: WhatIfForm, caller: Caller = guard.allows(Permission.DISPATCH_READ)
    ) -> WhatIfTold:
        """What it would cost, and whom it would touch, if this worker came instead; nothing is changed."""
        order = await _order_of(db, visit_id, caller.scope)
        async with db.transaction() as tx:
            if await WorkerStore(tx).get(body.worker_id, caller.scope) is None:
                raise NotFound
        return await dispatcher.what_if(WhatIfAsked(**_key(order), visit_id=visit_id, worker_id=body.worker_id))

    return router


async def _order_of(db: Database, visit_id: UUID, scope: Scope) -> Order:
    """:raises NotFound:"""
    async with db.transaction() as tx:
        store = OrderStore(tx)
        order_id = (await store.of_visits([visit_id], scope)).get(visit_id)
        order = await store.get(order_id, scope) if order_id else None
    if order is None:
        raise NotFound
    return order


def _key(order: Order) -> dict[str, object]:
    return {"area": order.area, "provider_id": order.provider.id, "day": order.day, "order_id": order.id}


def _seen_by(plan: PlanTold, scope: Scope) -> PlanTold:
    if scope.provider_id is None:
        return plan
    workers = tuple(row for row in plan.workers if row.provider_id == scope.provider_id)
    known = {visit.visit_id for row in workers for visit in row.visits}
    return plan.model_copy(
        update={
            "workers": workers,
            "unassigned": tuple(one for one in plan.unassigned if one.provider.id == scope.provider_id),
            "late": tuple(visit_id for visit_id in plan.late if visit_id in known),
        }
    )
