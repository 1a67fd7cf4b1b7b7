"""Those who sit at a desk: operators, who also take orders by telephone, and the offices of providers with their
kitchens."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from device_sim.people.ordering import GoesWithout, place
from device_sim.people.session import Refused, Session
from device_sim.people.town import Clock, Home, Office
from device_sim.people.wishes import Wish

LOOKS_EVERY_S = 3.0
NOT_COMING = timedelta(minutes=45)
"""So long after the told time an operator takes the visit from who has not set out."""
GIVEN_UP = timedelta(minutes=90)
"""So long after the latest wished time an operator calls the family and cancels what nobody can serve."""


class Operator:
    """Calls come one after the other."""

    def __init__(self, session: Session, clock: Clock, saw: Counter[str]) -> None:
        self._session, self._clock, self._saw = session, clock, saw
        self._line = asyncio.Lock()

    async def take_call(self, wish: Wish, home: Home) -> dict[str, Any] | None:
        async with self._line:
            found = await self._session.get("/elders", query=home.elder_name, limit=20)
            if not any(row["id"] == home.elder_id for row in found["items"]):
                self._saw["not found by name"] += 1
            try:
                order = await place(self._session, home.elder_id, wish)
            except GoesWithout as without:
                self._saw[f"went without: {without}"] += 1
                return None
        self._saw["orders"] += 1
        self._saw["orders by telephone"] += 1
        return order

    async def look_after_the_day(self, day: str) -> None:
        """Until cancelled: who is late and has not set out is relieved; what nobody can serve is cancelled."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            late = await self._session.get("/orders", day=day, late="true", limit=100)
            for order in late["items"]:
                for visit in order["visits"]:
                    await self._relieve(visit)
            waiting = await self._session.get("/orders", day=day, state="placed", limit=200)
            for order in waiting["items"]:
                await self._give_up(order)

    async def _relieve(self, visit: dict[str, Any]) -> None:
        told = visit.get("told_starts_at")
        overdue = told is not None and self._clock.now() > datetime.fromisoformat(told) + NOT_COMING
        if visit["state"] in ("accepted", "offered") and overdue:
            with suppress(Refused):
                await self._session.post(f"/visits/{visit['id']}/release", {"reason": "没有出发，换人"})
                self._saw["relieved: had not set out"] += 1

    async def _give_up(self, order: dict[str, Any]) -> None:
        if self._clock.now() > datetime.fromisoformat(order["wished_until"]) + GIVEN_UP:
            with suppress(Refused):
                body = {"reason": "没有人能去，已电话告知家属", "waive": True}
                await self._session.post(f"/orders/{order['id']}/cancel", body)
                self._saw["cancelled: nobody could go"] += 1

    async def answer_alarms(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            case = await self._session.post("/alarms/cases/claim-next", {})
            if case:
                self._saw["alarms answered"] += 1
                with suppress(Refused):
                    outcome = {"outcome": "handled_by_phone", "note": "已联系本人"}
                    await self._session.post(f"/alarms/cases/{case['id']}/close", outcome)
                    self._saw["alarms closed"] += 1


class Desk:
    """A provider's."""

    def __init__(self, session: Session, office: Office, clock: Clock, saw: Counter[str]) -> None:
        self._session, self._office, self._clock, self._saw = session, office, clock, saw

    async def decide_leave(self) -> None:
        """Until cancelled: who is sick goes home."""
        while True:
            await asyncio.sleep(LOOKS_EVERY_S)
            for leave in await self._session.get("/leave", state="asked"):
                await self._session.post(f"/leave/{leave['id']}/moves", {"move": "grant", "reason": "请安心休息"})
                self._saw["leave granted"] += 1

    async def cook_more(self, at: datetime) -> None:
        """The kitchen sees in the morning what is asked for, and cooks ten more of each dish."""
        if self._office.kitchen_id is None:
            return
        await asyncio.sleep(self._clock.seconds_until(at))
        path = f"/kitchens/{self._office.kitchen_id}/menus"
        today = (await self._session.get(path))[0]
        names = ("meal", "dish_id", "price_fen", "portions")
        items = [{name: item[name] for name in names} for item in today["items"]]
        more = [{**item, "portions": item["portions"] + 10} for item in items]
        with suppress(Refused):
            version = {"If-Match": f'"{today["version"]}"'}
            await self._session.put(f"{path}/{today['day']}", {"items": more}, **version)
            self._saw["menus with more portions"] += 1


MORNING = timedelta(hours=8)
