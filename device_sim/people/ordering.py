"""How an order is placed, by a family or by an operator for somebody on the telephone: what may she have, when could
somebody come, that one, please."""

import asyncio
from datetime import datetime
from typing import Any

from device_sim.people.session import Refused, Session, new_key
from device_sim.people.wishes import Wish

TRIES = 3
CHANGED = 409


class GoesWithout(Exception):
    """Nothing could be ordered, and they were told why."""


async def place(session: Session, elder_id: str, wish: Wish) -> dict[str, Any]:
    """The order. :raises GoesWithout:"""
    why = "nothing is offered"
    for attempt in range(TRIES):
        try:
            form = await (
                _meal(session, elder_id, wish, attempt) if wish.kind.meal else _visit(session, elder_id, wish)
            )
            return await _confirm(session, form, twice=wish.double_tap)
        except Refused as refused:
            why = refused.code
            if refused.status != CHANGED or refused.code == "orders.already_ordered":
                break
    raise GoesWithout(why)


async def _confirm(session: Session, form: dict[str, Any], *, twice: bool) -> dict[str, Any]:
    key = new_key()

    async def tap() -> dict[str, Any]:
        told: dict[str, Any] = await session.post("/orders", form, **{"Idempotency-Key": key})
        return told

    first, *more = await asyncio.gather(*(tap() for _ in range(1 + twice)), return_exceptions=True)
    for told in (first, *more):
        if isinstance(told, BaseException):
            raise told
    assert all(told["order"]["id"] == first["order"]["id"] for told in more)  # type: ignore[index]
    order: dict[str, Any] = first["order"]  # type: ignore[index]
    return order


async def _meal(session: Session, elder_id: str, wish: Wish, attempt: int) -> dict[str, Any]:
    """:raises GoesWithout:"""
    day, meal = wish.for_when.date().isoformat(), wish.kind.code.removeprefix("meal_")
    menu = await session.get(f"/elders/{elder_id}/menus", day=day)
    possible = [item for item in menu["items"] if item["meal"] == meal and not item["reasons"] and item["portions"]]
    if not possible:
        raise GoesWithout("no dish on the menu may be hers")
    item = possible[(wish.home + attempt) % len(possible)]
    return {
        "elder_id": elder_id, "provider_id": item["provider_id"], "service_code": wish.kind.code,
        "wished_from": wish.for_when.isoformat(), "kitchen_id": item["kitchen_id"], "price_fen": item["price_fen"],
        "dishes": [{"dish_id": item["dish"]["id"], "portions": 1}],
    }  # fmt: skip


async def _visit(session: Session, elder_id: str, wish: Wish) -> dict[str, Any]:
    """At the time in mind, or at the nearest that can be served, by the first provider who has one.

    :raises GoesWithout:"""
    catalogue = await session.get(f"/elders/{elder_id}/catalogue")
    service = next((one for one in catalogue["items"] if one["code"] == wish.kind.code), None)
    if service is None or service["reasons"] or not service["offers"]:
        raise GoesWithout("she may not have it" if service and service["reasons"] else "nobody offers it there")
    for offer in service["offers"]:
        when = await _time(session, elder_id, offer["provider_id"], wish)
        if when is not None:
            return {
                "elder_id": elder_id, "provider_id": offer["provider_id"], "service_code": wish.kind.code,
                "wished_from": when, "price_fen": offer["price_fen"],
            }  # fmt: skip
    raise GoesWithout("no time can be served")


async def _time(session: Session, elder_id: str, provider_id: str, wish: Wish) -> str | None:
    if wish.kind.code == "emergency_help":
        return wish.for_when.isoformat()
    slots = await session.get(
        f"/elders/{elder_id}/slots", provider_id=provider_id, service_code=wish.kind.code,
        day=wish.for_when.date().isoformat(), at=wish.for_when.isoformat(),
    )  # fmt: skip
    if not slots["checked"] or slots["free"]:
        return wish.for_when.isoformat()
    near = sorted(slots["nearest"] or slots["times"], key=lambda at: abs(datetime.fromisoformat(at) - wish.for_when))
    return near[0] if near else None
