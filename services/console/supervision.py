"""What a shift leader sees: the load of each desk now, what is held, and today beside its targets. Read only."""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.accounts.model import Scope
from services.alarms.rules import LEASE
from services.business_day import business_day, day_starts_at
from services.console import store_supervision as store
from services.console.store_supervision import AtDesk, HeldCase, LateVisit, ModelNow
from services.db.pool import Database
from services.metrics import handlers as metrics
from services.metrics.facts_load import shares
from services.metrics.kpis_watched import FLOOD, OVERLOAD
from services.metrics.model import Figure
from services.metrics.views import DefinitionView

OF_TODAY = ("alarm_answered_60s", "alarm_answered_180s", "alarm_answer_time")
MODELS_SECONDS = 60.0
"""So old what is told of all devices may be: a city has hundreds of thousands."""
ACCEPTABLE, MOST, ACCEPTABLE_HOUR, MOST_HOUR = 1, OVERLOAD, 6, 12
"""Alarms for one operator in ten minutes and in an hour: acceptable, the most (ISA-18.2, EEMUA 191, secondary)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskView:
    operator_id: UUID
    name: str
    since: datetime
    alarms_10_min: float
    """Each alarm is shared by the operators who are there now and can see it."""
    alarms_hour: float
    taken_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadLimits:
    acceptable_10_min: int = ACCEPTABLE
    most_10_min: int = MOST
    flood_10_min: int = FLOOD
    acceptable_hour: int = ACCEPTABLE_HOUR
    most_hour: int = MOST_HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class DesksNow:
    at: datetime
    desks: list[DeskView]
    limits: LoadLimits
    alarms_10_min: int
    """In the caller's regions, whoever is there."""
    alarms_hour: int
    held: list[HeldCase]
    lease_seconds: int
    lapses_today: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureToday:
    definition: DefinitionView
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisedDay:
    at: datetime
    figures: list[FigureToday]
    """As far as facts have come: half a minute behind."""
    models: list[ModelNow]
    late: list[LateVisit]
    """The first of them."""
    late_count: int
    unserved_count: int
    """Of those: nobody has them."""


class Supervision:
    def __init__(self, db: Database) -> None:
        self._db = db
        self._models: dict[tuple[str, ...], tuple[float, list[ModelNow]]] = {}
        self._counting = asyncio.Lock()

    async def desks(self, scope: Scope, now: datetime) -> DesksNow:
        async with self._db.reading() as tx:
            there = await store.at_desks(tx)
            rang = await store.rang(tx)
            taken = await store.claims(tx)
            held = await store.held(tx, scope)
            lapses = await store.lapses(tx, scope, day_starts_at(business_day(now)))
        on_shift = {one.operator_id: one.regions for one in there}
        hour = shares(on_shift, [region for region, _ in rang])
        lately = shares(on_shift, [region for region, lately in rang if lately])
        mine = [lately for region, lately in rang if scope.covers(region_code=region, elder_id=None)]
        return DesksNow(
            at=now,
            desks=[
                DeskView(
                    operator_id=one.operator_id, name=one.name, since=one.since,
                    alarms_10_min=lately[one.operator_id], alarms_hour=hour[one.operator_id],
                    taken_hour=taken.get(one.operator_id, 0),
                )
                for one in there
                if _works_for(one, scope)
            ],
            limits=LoadLimits(),
            alarms_10_min=sum(mine),
            alarms_hour=len(mine),
            held=held,
            lease_seconds=int(LEASE.total_seconds()),
            lapses_today=lapses,
        )  # fmt: skip

    async def day(self, scope: Scope, now: datetime) -> SupervisedDay:
        today = business_day(now)
        async with self._db.reading() as tx:
            shown = [await metrics.of_day(tx, one, scope.region_codes, today) for one in OF_TODAY]
            late = await store.late_visits(tx, scope, now)
        return SupervisedDay(
            at=now,
            figures=[FigureToday(definition=DefinitionView.of(one), figure=figure) for one, figure in shown],
            models=await self._of_models(scope),
            late=late[: store.LONGEST_LIST],
            late_count=len(late),
            unserved_count=sum(one.worker_name is None for one in late),
        )

    async def _of_models(self, scope: Scope) -> list[ModelNow]:
        """Counted once for all who ask in the same minute."""
        async with self._counting:
            told_at, found = self._models.get(scope.region_codes, (float("-inf"), []))
            if time.monotonic() - told_at > MODELS_SECONDS:
                async with self._db.reading() as tx:
                    found = await store.models(tx, scope)
                self._models[scope.region_codes] = (time.monotonic(), found)
            return found


def _works_for(one: AtDesk, scope: Scope) -> bool:
    """An alarm of these regions can ring at this desk."""
    return any(_meet(region, mine) for region in one.regions for mine in scope.region_codes)


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
