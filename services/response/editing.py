"""What happens to escalation plans. The caller owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from services.accounts.model import Caller, Scope
from services.accounts.store_requests import Filed, made_before
from services.db.pool import Connection
from services.elders.store import ElderStore
from services.elders.store_regions import RegionStore
from services.errors import NotFound, check_version
from services.notify.store import NoticeStore
from services.response import rehearsal
from services.response.forms import EscalationPlanForm, NewEscalationPlanForm, RehearsalForm
from services.response.model import Chosen, PlanPlace, PlanVersion
from services.response.rehearsal import BeforeToday, Case, People, PlanWarning
from services.response.store_plans import PlanStore


async def write_plan(tx: Connection, form: NewEscalationPlanForm, *, by: Caller, today: date, filed: Filed) -> UUID:
    """:raises NotFound: the region or the elder is another's :raises NobodyAbove: :raises BeforeToday:"""
    place = await _place(tx, form.region_code, form.elder_id, by.scope)
    if (before := await made_before(tx, filed, place.id)) is not None:
        return before
    terms = form.terms.terms()
    rehearsal.check(terms)
    store = PlanStore(tx)
    await store.add_plan(place)
    await store.add_version(place.id, 1, valid_from=_day(form.valid_from, today), terms=terms, ended=False, by=by.id)
    return place.id


async def change_plan(
    tx: Connection, plan_id: UUID, form: EscalationPlanForm, *, version: int | None, by: Caller, today: date
) -> None:
    """A further version, which holds from a day on; cases that are open keep the plan they were opened with.

    :raises NotFound: :raises StaleVersion: :raises NobodyAbove: :raises BeforeToday:
    """
    store = PlanStore(tx)
    if await store.lock(plan_id, by.scope) is None:
        raise NotFound
    newest = await store.newest(plan_id)
    check_version(newest, version)
    terms = form.terms.terms()
    if not form.ended:
        rehearsal.check(terms)
    await store.add_version(
        plan_id, newest + 1, valid_from=_day(form.valid_from, today), terms=terms, ended=form.ended, by=by.id
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed:
    plan: Chosen
    is_draft: bool
    warnings: list[PlanWarning]
    """Of the draft."""


async def rehearse(tx: Connection, form: RehearsalForm, *, scope: Scope, now: datetime) -> Rehearsed:
    """What would happen, by the same rules. :raises NotFound: the region, the elder or the plan is another's"""
    place = await _place(tx, form.region_code, form.elder_id, scope)
    store = PlanStore(tx)
    if form.plan_id is not None:
        if (own := await store.lock(form.plan_id, scope)) is None:
            raise NotFound
        draft_place = own
    else:
        draft_place = place
    versions: Sequence[PlanVersion] = await store.of_cases(
        {place.region_code, draft_place.region_code}, [one for one in (place.elder_id, draft_place.elder_id) if one]
    )
    case = Case(kind=form.kind, at=form.at, region_code=place.region_code, elder_id=place.elder_id)
    if form.draft is None:
        return Rehearsed(plan=rehearsal.chosen(versions, case), is_draft=False, warnings=[])
    terms = form.draft.terms()
    versions = rehearsal.with_draft(versions, terms, draft_place, case, now)
    plan = rehearsal.chosen(versions, case)
    people = await _people(tx, draft_place)
    warned = rehearsal.warnings(terms, versions, draft_place, people, now)
    return Rehearsed(plan=plan, is_draft=plan.plan_id == draft_place.id, warnings=warned)


async def _place(tx: Connection, region_code: str | None, elder_id: UUID | None, scope: Scope) -> PlanPlace:
    if elder_id is not None:
        elder = await ElderStore(tx, None).get(elder_id, scope)
        if elder is None:
            raise NotFound
        return PlanPlace(id=uuid4(), region_code=elder.region_code, elder_id=elder_id)
    assert region_code is not None
    if not scope.holds([region_code]) or await RegionStore(tx).find(region_code) is None:
        raise NotFound
    return PlanPlace(id=uuid4(), region_code=region_code)


async def _people(tx: Connection, place: PlanPlace) -> People:
    operators, supervisors = await PlanStore(tx).staff(place.region_code)
    if place.elder_id is None:
        return People(operators=operators, supervisors=supervisors)
    contacts = await ElderStore(tx, None).contacts(place.elder_id)
    followers = await NoticeStore(tx).followers([place.elder_id])
    return People(
        operators=operators,
        supervisors=supervisors,
        contacts=len(contacts),
        followers=followers.get(place.elder_id, 0),
    )


def _day(wanted: date | None, today: date) -> date:
    """:raises BeforeToday:"""
    if wanted is not None and wanted < today:
        raise BeforeToday(today=today.isoformat())
    return wanted or today
