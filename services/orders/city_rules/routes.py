"""The rules of the city about orders and welfare visits: read by who answers for it, and changed."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from services.accounts.conditions import IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.db.pool import Database
from services.orders.city_rules import handlers
from services.orders.city_rules.forms import OrderRulesForm, WelfareRulesForm
from services.orders.city_rules.store import CityRulesStore, Form, Kind


@dataclass(frozen=True, slots=True)
class OrderRulesView:
    rules: OrderRulesForm
    version: int


@dataclass(frozen=True, slots=True)
class WelfareRulesView:
    rules: WelfareRulesForm
    version: int


def city_rules_routes(db: Database, guard: Guard) -> APIRouter:
    router = APIRouter(prefix="/city-rules", tags=["city-rules"])

    async def read(response: Response, kind: Kind) -> tuple[Form, int]:
        async with db.transaction() as tx:
            rules, version = await CityRulesStore(tx).get(kind)
        response.headers.update(etag(version))
        return rules, version

    async def put(kind: Kind, body: Form, if_match: str, caller: Caller) -> None:
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_rules(tx, kind, body, version=version_of(if_match), by=caller)

    async def orders(response: Response) -> OrderRulesView:
        rules, version = await read(response, "order_rules")
        assert isinstance(rules, OrderRulesForm)
        return OrderRulesView(rules, version)

    async def welfare(response: Response) -> WelfareRulesView:
        rules, version = await read(response, "welfare_rules")
        assert isinstance(rules, WelfareRulesForm)
        return WelfareRulesView(rules, version)

    @router.get("/orders")
    async def get_order_rules(
        response: Response, _: Caller = guard.allows(Permission.CITY_RULES_READ)
    ) -> OrderRulesView:
        """How long an offer waits, when a visit is late and when nobody came."""
        return await orders(response)

    @router.put("/orders")
    async def set_order_rules(
        body: OrderRulesForm,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.CITY_RULES_WRITE),
    ) -> OrderRulesView:
        """412 names the current `version`."""
        await put("order_rules", body, if_match, caller)
        return await orders(response)

    @router.get("/welfare")
    async def get_welfare_rules(
        response: Response, _: Caller = guard.allows(Permission.CITY_RULES_READ)
    ) -> WelfareRulesView:
        """Who is visited every week, and when a welfare visit is ordered and urgent."""
        return await welfare(response)

    @router.put("/welfare")
    async def set_welfare_rules(
        body: WelfareRulesForm,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.CITY_RULES_WRITE),
    ) -> WelfareRulesView:
        """412 names the current `version`."""
        await put("welfare_rules", body, if_match, caller)
        return await welfare(response)

    return router
