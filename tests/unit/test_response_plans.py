"""Which escalation plan a case gets, for which hours it holds, and which steps can never come."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest

from contracts.alarm_kind import AlarmKind
from contracts.response import ElderOnStep, StepTaken
from services.business_day import ZONE
from services.notify import rules_alarm
from services.response.model import Channel, Days, During, Hours, PlanPlace, PlanTerms, PlanVersion, Step, Who
from services.response.plans import DEFAULT, WITH_A_PLAN, choose, in_force, includes, unreachable

ELDER, VILLAGE = UUID(int=7), "420202006008"
SUPERVISOR = Step(after_seconds=60, who=Who.SUPERVISOR, channel=Channel.CONSOLE)
FAMILY = Step(after_seconds=0, who=Who.FAMILY, channel=Channel.PAGE)
NIGHT = Hours(from_min=22 * 60, until_min=6 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def a_plan(
    name: str, region: str = "4202", elder: UUID | None = None, *, version: int = 1, of: UUID | None = None,
    valid_from: date = date(2026, 1, 1), ended: bool = False, kinds: tuple[AlarmKind, ...] = (), hours: Hours = Hours(),
) -> PlanVersion:  # fmt: skip
    return PlanVersion(
        place=PlanPlace(id=of or uuid4(), region_code=region, elder_id=elder),
        version=version,
        valid_from=valid_from,
        written_at=datetime(2026, 11, 1, tzinfo=UTC),
        terms=PlanTerms(name=name, kinds=kinds, hours=hours, steps=(SUPERVISOR,)),
        ended=ended,
    )


CITY, COUNTY, TOWN, VILLAGES = (a_plan(VILLAGE[:n], VILLAGE[:n]) for n in (4, 6, 9, 12))
HERS = a_plan("hers", VILLAGE, ELDER)
NOON = at("2026-11-25T12:00")


def chosen(*plans: PlanVersion, kind: AlarmKind = AlarmKind.SOS, when: datetime = NOON, elder: UUID = ELDER) -> str:
    return choose(plans, kind=kind, at=when, region_code=VILLAGE, elder_id=elder).name


def test_the_plan_that_is_meant_most_closely_wins() -> None:
    known = [CITY, COUNTY, TOWN, VILLAGES, HERS]
    for last, name in ((5, "hers"), (4, VILLAGE), (3, VILLAGE[:9]), (2, VILLAGE[:6]), (1, "4202"), (0, "")):
        assert chosen(*known[:last]) == name
    assert chosen(*known, elder=UUID(int=8)) == VILLAGE
    assert chosen(a_plan("elsewhere", "420281"), a_plan("others", VILLAGE, UUID(int=8))) == ""


def test_of_one_place_the_plan_for_the_kind_and_the_hours_wins_then_the_newest() -> None:
    falls, nights = a_plan("falls", kinds=(AlarmKind.FALL,)), a_plan("nights", hours=NIGHT)
    newer = a_plan("newer", valid_from=date(2026, 11, 1))
    assert chosen(CITY, falls, nights, newer) == "newer"
    assert chosen(CITY, falls, nights, newer, when=at("2026-11-26T02:00")) == "nights"
    assert chosen(CITY, falls, nights, newer, kind=AlarmKind.FALL, when=at("2026-11-26T02:00")) == "falls"


def test_of_a_plan_the_version_holds_that_began_last_and_one_that_has_ended_does_not() -> None:
    plan = uuid4()
    versions = [
        a_plan("one", of=plan),
        a_plan("two", of=plan, version=2, valid_from=date(2026, 11, 25)),
        a_plan("three", of=plan, version=3, valid_from=date(2026, 11, 30)),
        a_plan("four", of=plan, version=4, valid_from=date(2026, 12, 1), ended=True),
    ]
    days = ("2026-11-24T12:00", "2026-11-25T00:00", "2026-11-30T23:59", "2026-12-01T00:00")
    assert [chosen(*versions, when=at(day)) for day in days] == ["one", "two", "three", ""]
    assert in_force(versions, at("2026-12-01T00:00")) == []


def test_a_case_of_nobody_and_nowhere_has_the_built_in_plan() -> None:
    assert choose([CITY, HERS], kind=AlarmKind.SOS, at=NOON, region_code=None, elder_id=None) == DEFAULT


@pytest.mark.parametrize(("hours", "when", "holds"), [
    (NIGHT, "2026-11-25T21:59", False),
    (NIGHT, "2026-11-25T22:00", True),
    (NIGHT, "2026-11-26T05:59", True),
    (NIGHT, "2026-11-26T06:00", False),
    (Hours(weekdays=(6,), from_min=22 * 60, until_min=6 * 60), "2026-11-29T03:10", True),  # Saturday's night
    (Hours(weekdays=(7,), from_min=22 * 60, until_min=6 * 60), "2026-11-29T03:10", False),
    (Hours(weekdays=(7,)), "2026-11-29T00:00", True),
    (Hours(days=Days.WORKDAYS), "2026-11-27T12:00", True),
    (Hours(days=Days.WORKDAYS), "2026-11-28T12:00", False),
    (Hours(days=Days.REST_DAYS), "2026-10-01T12:00", True),  # National Day, a Thursday
    (Hours(days=Days.WORKDAYS), "2026-10-10T12:00", True),  # a Saturday on which people work
    (Hours(from_min=8 * 60, until_min=1440), "2026-11-25T23:59", True),
    (Hours(from_min=8 * 60, until_min=0), "2026-11-25T23:59", True),
])  # fmt: skip
def test_hours_are_beijings_and_a_night_belongs_to_its_evening(hours: Hours, when: str, holds: bool) -> None:
    assert includes(hours, at(when).astimezone(UTC)) is holds


def test_a_step_that_tells_the_same_again_is_never_reached() -> None:
    later = Step(after_seconds=120, who=Who.FAMILY, channel=Channel.PAGE)
    held = Step(after_seconds=5, who=Who.FAMILY, channel=Channel.PAGE, during=During.HELD)
    again = Step(after_seconds=300, who=Who.SUPERVISOR, channel=Channel.CONSOLE)
    assert unreachable([later, FAMILY, held, SUPERVISOR, again]) == [0, 2]
    assert unreachable(DEFAULT.steps) == []


def test_the_built_in_plan_is_for_every_kind_that_rings() -> None:
    assert AlarmKind.LOW_BATTERY not in WITH_A_PLAN
    assert {AlarmKind.SOS, AlarmKind.GARBLED, AlarmKind.HELP_REQUEST} < set(WITH_A_PLAN)


def a_step(**fields: object) -> StepTaken:
    now = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
    known: dict[str, object] = {
        "case_id": UUID(int=1), "kind": "sos", "elder": ElderOnStep(id=ELDER, name="李秀英"), "opened_at": now,
        "occurred_at": now, "plan_version": 1, "step": 2, "period": 1, "who": "family", "channel": "page",
        "during": "unclaimed", "after_seconds": 0, "since": now, "due_at": now, "at": now,
    }  # fmt: skip
    return StepTaken.model_validate(known | fields)


def test_a_family_reads_what_happened_and_that_an_old_alarm_was_on_its_way() -> None:
    now = datetime(2026, 11, 25, 4, 0, 1, tzinfo=UTC)
    (message,) = rules_alarm.decide(a_step(), now=now)
    assert message.said.zh.startswith("今天 12:00，李秀英按了求助。值班台已经收到")
    (late,) = rules_alarm.decide(a_step(occurred_at=datetime(2026, 11, 25, 0, 5, tzinfo=UTC)), now=now)
    assert "今天 8:05，李秀英按了求助。设备当时没有网络，今天 12:00 才送到。" in late.said.zh
    assert late.told_once == message.told_once
    assert rules_alarm.decide(a_step(who="supervisor", channel="console"), now=now) == []
    assert rules_alarm.decide(a_step(elder=None), now=now) == []
