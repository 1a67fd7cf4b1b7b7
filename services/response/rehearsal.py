"""What would happen, and what is wrong with a plan. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from contracts.alarm_kind import AlarmKind
from services.business_day import business_day, day_starts_at
from services.errors import DomainError
from services.response.model import Channel, Chosen, During, Hours, PlanPlace, PlanTerms, PlanVersion, Who
from services.response.plans import choose, in_force, includes, unreachable

SUPERVISOR_WITHIN_S = 600
FEW_CONTACTS = 3
HOURS_A_WEEK = 7 * 24


class NobodyAbove(DomainError):
    """`within_seconds`: so soon a supervisor is told at the latest."""

    code = "response.nobody_above"
    status = 422
    title = "A case nobody takes must reach a supervisor: add this step, at the latest after ten minutes"


class BeforeToday(DomainError):
    """`today` is the first day possible."""

    code = "response.before_today"
    status = 422
    title = "What holds already is not changed afterwards: choose today or a later day"


class Warned(StrEnum):
    """What may be meant so, but seldom is."""

    UNREACHABLE = "unreachable"  # 永远轮不到
    NO_NUMBER = "no_number"  # 没有号码
    NEVER = "never"  # 从不适用
    OTHER_HOURS = "other_hours"  # 其余时间
    FEW_CONTACTS = "few_contacts"  # 联系人不足
    NO_FOLLOWER = "no_follower"  # 没有家属可告知
    NO_SUPERVISOR = "no_supervisor"  # 没有值班长账号
    NO_OPERATOR = "no_operator"  # 没有坐席账号


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWarning:
    code: Warned
    step: int | None = None
    """Its index."""
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who there is, where the plan holds."""

    operators: int
    supervisors: int
    contacts: int | None = None
    """Of the elder whose plan it is."""
    followers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """That could be."""

    kind: AlarmKind
    at: datetime
    region_code: str
    elder_id: UUID | None = None


def check(terms: PlanTerms) -> None:
    """:raises NobodyAbove:"""
    for step in terms.steps:
        above = step.who is Who.SUPERVISOR and step.during is During.UNCLAIMED
        if above and step.after_seconds <= SUPERVISOR_WITHIN_S:
            return
    raise NobodyAbove(within_seconds=SUPERVISOR_WITHIN_S)


def with_draft(
    versions: Sequence[PlanVersion], terms: PlanTerms, place: PlanPlace, case: Case, now: datetime
) -> list[PlanVersion]:
    """As if it had been written just now, or for the day of the case."""
    others = [one for one in versions if one.place.id != place.id]
    day = business_day(min(case.at, now))
    return [*others, PlanVersion(place=place, version=1, valid_from=day, written_at=now, terms=terms)]


def chosen(versions: Sequence[PlanVersion], case: Case) -> Chosen:
    return choose(versions, kind=case.kind, at=case.at, region_code=case.region_code, elder_id=case.elder_id)


def warnings(
    terms: PlanTerms, versions: Sequence[PlanVersion], place: PlanPlace, people: People, at: datetime
) -> list[PlanWarning]:
    """:param versions: the draft among the others"""
    found = [PlanWarning(code=Warned.UNREACHABLE, step=index) for index in unreachable(terms.steps)]
    found += [
        PlanWarning(code=Warned.NO_NUMBER, step=index)
        for index, step in enumerate(terms.steps)
        if step.channel is Channel.SUGGESTION and step.number is None
    ]
    if not _ever(terms.hours, at):
        found.append(PlanWarning(code=Warned.NEVER))
    elif (elsewhere := _hours_of_the_built_in(terms, versions, place, at)) > 0:
        found.append(PlanWarning(code=Warned.OTHER_HOURS, count=elsewhere))
    if people.contacts is not None and people.contacts < FEW_CONTACTS:
        found.append(PlanWarning(code=Warned.FEW_CONTACTS, count=people.contacts))
    if people.followers == 0 and any(step.who is Who.FAMILY for step in terms.steps):
        found.append(PlanWarning(code=Warned.NO_FOLLOWER))
    if people.supervisors == 0:
        found.append(PlanWarning(code=Warned.NO_SUPERVISOR))
    if people.operators == 0:
        found.append(PlanWarning(code=Warned.NO_OPERATOR))
    return found


def _ever(hours: Hours, at: datetime) -> bool:
    """On any day of a year."""
    begin = day_starts_at(business_day(at)) + timedelta(minutes=hours.from_min)
    return any(includes(hours, begin + timedelta(days=n)) for n in range(366))


def _hours_of_the_built_in(terms: PlanTerms, versions: Sequence[PlanVersion], place: PlanPlace, at: datetime) -> int:
    """In the coming week, in which no written plan holds there for what this one is for."""
    begin = day_starts_at(business_day(at))
    kind = terms.kinds[0] if terms.kinds else AlarmKind.SOS
    holding = in_force(versions, at)
    return sum(
        chosen(
            holding,
            Case(kind=kind, at=begin + timedelta(hours=n), region_code=place.region_code, elder_id=place.elder_id),
        ).plan_id
        is None
        for n in range(HOURS_A_WEEK)
    )
