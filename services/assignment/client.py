"""The app's side: asks the process that plans an area. Without an answer there is none: orders are taken all the same,
and whoever asks is told that it could not be checked."""

import asyncio
from datetime import date
from typing import Any, TypeVar

import httpx
import structlog
from prometheus_client import Counter
from pydantic import BaseModel, ValidationError

from services.assignment import store
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
from services.db.pool import Database
from services.errors import DomainError, NotFound

T = TypeVar("T", bound=BaseModel)
PATIENCE_SECONDS = 3.0
AT_ONCE_SECONDS = 1.0
"""Whoever confirms an order waits no longer to hear whether the time is kept for it. It takes some milliseconds, and
those who tap at the same moment have their turns one after the other."""
UNANSWERED = Counter("yian_dispatcher_unanswered", "questions to the dispatcher without an answer", ["what"])

log = structlog.get_logger("dispatcher client")


class DispatcherAway(DomainError):
    code = "dispatch.away"
    status = 503
    title = "Dispatch does not answer now; orders are taken and wait, try again in a minute"


class VisitBegun(DomainError):
    code = "dispatch.visit_begun"
    status = 409
    title = "This visit has begun: it goes to nobody else"


class DispatcherClient:
    """:param token: what `inside` asks for"""

    def __init__(
        self,
        db: Database,
        token: str,
        http: httpx.AsyncClient | None = None,
        *,
        at_once_seconds: float = AT_ONCE_SECONDS,
    ) -> None:
        self._db = db
        self._at_once_seconds = at_once_seconds
        self.looking_seconds = 3 * at_once_seconds
        """Whoever hears that nobody can come then waits so long to hear when else."""
        self._http = http or httpx.AsyncClient(timeout=PATIENCE_SECONDS, trust_env=False)
        self._headers = {"Authorization": f"Bearer {token}"}

    async def slots(self, asked: SlotsAsked) -> SlotsTold:
        """:raises DispatcherAway:"""
        return await self._ask("slots", asked.order.area, SlotsTold, json=asked.model_dump(mode="json"))

    async def hold(self, asked: HoldAsked) -> bool:
        """:raises DispatcherAway: also where it takes too long"""
        try:
            async with asyncio.timeout(self._at_once_seconds):
                told = await self._ask("hold", asked.order.area, HoldTold, json=asked.model_dump(mode="json"))
        except TimeoutError:
            raise _unanswered("hold", "too slow") from None
        return told.held

    async def what_if(self, asked: WhatIfAsked) -> WhatIfTold:
        """:raises DispatcherAway: :raises NotFound: :raises VisitBegun:"""
        return await self._ask("what-if", asked.area, WhatIfTold, json=asked.model_dump(mode="json"))

    async def why(self, asked: OrderAsked) -> WhyTold:
        """:raises DispatcherAway: :raises NotFound:"""
        return await self._ask("why", asked.area, WhyTold, json=asked.model_dump(mode="json"))

    async def way(self, asked: WayAsked) -> WayTold:
        """:raises DispatcherAway:"""
        return await self._ask("way", asked.area, WayTold, json=asked.model_dump(mode="json"))

    async def plan(self, area: str, day: date) -> PlanTold:
        """:raises DispatcherAway:"""
        return await self._ask("plan", area, PlanTold, json={"area": area, "day": day.isoformat()})

    async def _ask(self, what: str, area: str, answer: type[T], *, json: Any) -> T:
        async with self._db.reading() as tx:
            base_url = await store.planner_of(tx, area)
        if base_url is None:
            raise _unanswered(what, "nobody plans the area")
        try:
            response = await self._http.post(f"{base_url}/{what}", json=json, headers=self._headers)
        except httpx.HTTPError as error:
            raise _unanswered(what, type(error).__name__) from None
        if response.status_code == 404:
            raise NotFound
        if response.status_code == 409:
            raise VisitBegun
        try:
            response.raise_for_status()
            return answer.model_validate_json(response.content)
        except (httpx.HTTPStatusError, ValidationError) as error:
            raise _unanswered(what, str(response.status_code)) from error

    async def close(self) -> None:
        await self._http.aclose()


def _unanswered(what: str, why: str) -> DispatcherAway:
    UNANSWERED.labels(what).inc()
    log.warning("unanswered", what=what, why=why)
    return DispatcherAway(why)
