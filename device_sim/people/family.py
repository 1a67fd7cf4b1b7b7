"""A family orders, changes its mind, and reads what it is told."""

import asyncio
from collections import Counter
from typing import Any

from device_sim.people.ordering import GoesWithout, place
from device_sim.people.session import Refused, Session, new_key
from device_sim.people.town import Clock, Home
from device_sim.people.wishes import Wish


class Family:
    def __init__(self, session: Session, home: Home, clock: Clock, saw: Counter[str]) -> None:
        self._session, self._home, self._clock, self._saw = session, home, clock, saw

    async def live(self, wish: Wish) -> None:
        try:
            order = await place(self._session, self._home.elder_id, wish)
        except GoesWithout as without:
            self._saw[f"went without: {without}"] += 1
            return
        self._saw["orders"] += 1
        await self.follow(wish, order)

    async def follow(self, wish: Wish, order: dict[str, Any]) -> None:
        """What comes of it later."""
        placed_at = self._clock.now()
        for after, change in ((wish.cancels_after, self._cancel), (wish.reschedules_after, self._reschedule)):
            if after is not None:
                await asyncio.sleep(self._clock.seconds_until(placed_at + after))
                await change(order["id"])
        await asyncio.sleep(self._clock.seconds_until(placed_at + wish.reads_after))
        await self._session.get("/notices")
        await self._session.get(f"/orders/{order['id']}")

    async def _cancel(self, order_id: str) -> None:
        fee = await self._session.get(f"/orders/{order_id}/cancellation")
        try:
            await self._session.post(f"/orders/{order_id}/cancel", {"fee_fen": fee["fee_fen"]})
            self._saw["cancelled by families"] += 1
        except Refused as refused:
            self._saw[f"not cancelled: {refused.code}"] += 1

    async def _reschedule(self, order_id: str) -> None:
        """To the next free time of the day."""
        order = (await self._session.get(f"/orders/{order_id}"))["order"]
        slots = await self._session.get(
            f"/elders/{self._home.elder_id}/slots", provider_id=order["provider"]["id"], day=order["day"],
            service_code=order["service_code"],
        )  # fmt: skip
        later = [at for at in slots["times"] if at != order["wished_from"]]
        if not later:
            return
        try:
            body = {"wished_from": later[len(later) // 2]}
            await self._session.post(f"/orders/{order_id}/reschedule", body, **{"Idempotency-Key": new_key()})
            self._saw["moved by families"] += 1
        except Refused as refused:
            self._saw[f"not moved: {refused.code}"] += 1
