"""The HTTP by which the app asks: inside the installation, for who has the token. No user's session opens it."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import date

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

from services.assignment import holding, questions
from services.assignment.answers import (
    HoldAsked,
    HoldTold,
    OrderAsked,
    PlanTold,
    SlotsAsked,
    SlotsTold,
    WayAsked,
    WayTold,
    WhatIfAsked,
    WhatIfTold,
    WhyTold,
)
from services.assignment.areas import Areas
from services.assignment.model import DayKey, key_of
from services.assignment.planner import Planner
from services.assignment.questions import Begun, NotThere


class PlanAsked(BaseModel):
    area: str
    day: date


def inside(planner: Planner, areas: Areas, token: str) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(_who_has(token))])

    def here(area: str) -> None:
        if area not in areas.mine:
            raise HTTPException(503, "this process does not plan the area")

    @app.post("/slots")
    async def slots(asked: SlotsAsked) -> SlotsTold:
        here(asked.order.area)
        return await planner.ask("slots", key_of(asked.order), lambda day: questions.slots(day, asked))

    @app.post("/hold")
    async def hold(asked: HoldAsked) -> HoldTold:
        here(asked.order.area)
        now, key = planner.now(), key_of(asked.order)
        until = now + holding.HELD_FOR * planner.speed
        try:
            held = await planner.ask("hold", key, lambda day: holding.hold(day, asked.order, now=now, until=until))
        except Exception:
            planner.forget([key])  # who knows what of it holds
            raise
        return HoldTold(held=held)

    @app.post("/what-if")
    async def what_if(asked: WhatIfAsked) -> WhatIfTold:
        here(asked.area)
        try:
            return await planner.ask("what-if", _key(asked), lambda day: questions.what_if(day, asked))
        except NotThere:
            raise HTTPException(404) from None
        except Begun:
            raise HTTPException(409) from None

    @app.post("/why")
    async def why(asked: OrderAsked) -> WhyTold:
        here(asked.area)
        try:
            return await planner.ask("why", _key(asked), lambda day: questions.why(day, asked))
        except NotThere:
            raise HTTPException(404) from None

    @app.post("/way")
    async def way(asked: WayAsked) -> WayTold:
        return questions.way(planner.travel, asked)

    @app.post("/plan")
    async def plan(asked: PlanAsked) -> PlanTold:
        here(asked.area)
        return await planner.plan(asked.area, asked.day)

    return app


def _key(asked: OrderAsked) -> DayKey:
    return DayKey(asked.day, asked.area, asked.provider_id)


def _who_has(token: str) -> Callable[[Request], Awaitable[None]]:
    wanted = f"Bearer {token}".encode()

    async def check(request: Request) -> None:
        sent = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(sent, wanted):
            raise HTTPException(401)

    return check
