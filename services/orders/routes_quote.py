"""Who would pay what, before anything is ordered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import uuid4

from fastapi import APIRouter

from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.catalogue.rules import in_force
from services.catalogue.subsidies.rules import Claim, Purse
from services.catalogue.views import Text
from services.db.pool import Database
from services.orders.draft import Facts, drafted
from services.orders.forms import OrderForm
from services.orders.model import Order
from services.orders.paying import claims_of
from services.orders.placing import paid_facts_for


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerView:
    """A scheme that pays for this elder and service, also where it has nothing left to pay."""

    scheme_code: str
    name: Text
    fen: int
    """0: its days or its sum are used up."""
    monthly_fen: int | None
    """The most in that month; none: no such limit."""
    left_fen: int | None
    """Of it after this order."""
    until_day: date | None
    """The last day of what the elder was awarded; none: it is everybody's."""

    @classmethod
    def of(cls, claim: Claim, order: Order, after: Purse) -> "PayerView":
        return cls(
            scheme_code=claim.scheme.code,
            name=Text.of(claim.scheme.terms.name),
            fen=sum(one.fen for one in order.subsidies if one.scheme_code == claim.scheme.code),
            monthly_fen=claim.monthly_fen,
            left_fen=after.left_fen(claim, order.day),
            until_day=claim.award.until_day if claim.award else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    price_fen: int
    """Of a unit; of a meal the sum of its dishes."""
    total_fen: int
    self_pay_fen: int
    """What the family pays."""
    payers: list[PayerView]
    """Who pays the rest, first who pays first."""

    @classmethod
    def of(cls, order: Order, facts: Facts) -> "Quote":
        service = in_force(facts.services, order.day)
        after = facts.purse.having_paid(order.subsidies, order.day)
        claims = claims_of(facts.purse, facts.elder, service, order.day) if service else []
        return cls(
            price_fen=order.price_fen,
            total_fen=order.total_fen,
            self_pay_fen=order.self_pay_fen,
            payers=[PayerView.of(claim, order, after) for claim in claims],
        )


def quote_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/orders", tags=["orders"])

    @router.post("/quote")
    async def quote_order(body: OrderForm, caller: Caller = guard.allows(Permission.ORDERS_PLACE)) -> Quote:
        """Nothing is kept, and nobody waits for it. Refused as an order would be, but for what others have ordered."""
        caller.refuse_lacking(body.elder_id)
        wish = replace(body.wish(), price_fen=None, self_pay_fen=None)
        async with db.transaction(pipelined=True) as tx:
            facts = await paid_facts_for(tx, None, wish, caller.scope)
        return Quote.of(drafted(uuid4(), wish, facts, now(), placed_by=None), facts)

    return router
