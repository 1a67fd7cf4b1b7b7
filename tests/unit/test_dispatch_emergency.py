import itertools
import random
from dataclasses import replace

import pytest
from dispatch_days import DATE, certificate, place
from hypothesis import given
from hypothesis import strategies as st

from dispatch.emergency import choose_responders
from dispatch.model import Interval, TravelMode
from dispatch.policy import EmergencyPolicy
from dispatch.responders import Emergency, NoResponder, Responder, ResponderGate, Sent
from dispatch.travel import GreatCircleTravel
from tests.examples import examples

pytestmark = pytest.mark.usefixtures("compiled_search")

NOW_MIN = 600.0


def a_responder(name: str = "r1", north_km: float = 1.0, **changes: object) -> Responder:
    responder = Responder(
        id=name,
        duty=(Interval(480.0, 1080.0),),
        certificates=(certificate("first_aid"),),
        position=place(f"{name} now", north_km),
        position_at_min=NOW_MIN,
    )
    return replace(responder, **changes)  # type: ignore[arg-type]


def an_emergency(name: str = "sos", north_km: float = 0.0, **changes: object) -> Emergency:
    return replace(Emergency(id=name, place=place(name, north_km)), **changes)  # type: ignore[arg-type]


def choose(emergencies: list[Emergency], responders: list[Responder]) -> tuple[Sent | NoResponder, ...]:
    return choose_responders(emergencies, responders, date=DATE, now_min=NOW_MIN, travel=GreatCircleTravel())


def sent(emergencies: list[Emergency], responders: list[Responder]) -> list[Sent]:
    answers = choose(emergencies, responders)
    assert all(isinstance(answer, Sent) for answer in answers)
    return [answer for answer in answers if isinstance(answer, Sent)]


def test_the_nearest_goes_the_next_stands_by_and_two_more_are_named() -> None:
    [answer] = sent([an_emergency()], [a_responder(f"r{km}", km) for km in (4, 1, 3, 2)])
    assert answer.first.responder_id == "r1"
    assert answer.standby is not None
    assert answer.standby.responder_id == "r2"
    assert [other.responder_id for other in answer.next_best] == ["r3", "r4"]


def test_the_terms_of_a_choice_add_up_to_the_minutes() -> None:
    worn = a_responder(position_at_min=NOW_MIN - 10.0, free_from_min=NOW_MIN + 3.0, last_call_ended_min=NOW_MIN - 5.0)
    [answer] = sent([an_emergency()], [worn])
    assert sum(answer.first.terms.values()) == pytest.approx(answer.first.arrival_min)
    assert all(answer.first.terms[name] > 0 for name in ("travel", "until_free", "position_age", "short_rest"))


def test_an_old_position_gives_way_to_a_fresh_one_not_much_further() -> None:
    stale, fresh = a_responder("stale", 1.0, position_at_min=NOW_MIN - 29.0), a_responder("fresh", 1.5)
    [answer] = sent([an_emergency()], [stale, fresh])
    assert answer.first.responder_id == "fresh"


def test_a_position_too_old_to_believe_is_replaced_by_the_station() -> None:
    lost = a_responder("lost", 0.1, position_at_min=NOW_MIN - 60.0, station=place("station", 5.0))
    [answer] = sent([an_emergency()], [lost])
    assert answer.first.terms["unknown_position"] > 0
    assert answer.first.terms["travel"] > 10


def test_a_car_beats_legs_over_some_kilometres_and_not_over_the_street() -> None:
    on_foot, by_car = a_responder("foot", mode=TravelMode.WALK), a_responder("car", mode=TravelMode.CAR)
    [far] = sent([an_emergency(north_km=-4.0)], [on_foot, by_car])
    assert far.first.responder_id == "car"
    [near] = sent([an_emergency(north_km=1.05)], [on_foot, by_car])
    assert near.first.responder_id == "foot"


@pytest.mark.parametrize(
    ("gate", "responder"),
    [
        (ResponderGate.OFF_DUTY, a_responder(duty=())),
        (ResponderGate.SKILL, a_responder(certificates=())),
        (ResponderGate.SKILL, a_responder(certificates=(certificate("first_aid", days_left=-1),))),
        (ResponderGate.REFUSED, a_responder("never again")),
        (ResponderGate.TOO_FAR, a_responder(north_km=80.0)),
    ],
)
def test_nobody_qualified_is_said_at_once_with_the_nearest_and_what_stops_them(
    gate: ResponderGate, responder: Responder
) -> None:
    [answer] = choose([an_emergency(refused_responders=frozenset({"never again"}))], [responder])
    assert isinstance(answer, NoResponder)
    assert answer.nearest[0].responder_id == responder.id
    assert answer.nearest[0].gates == (gate,)
    assert answer.stopped == {responder.id: (gate,)}


def test_a_responder_who_is_nowhere_is_not_among_the_nearest() -> None:
    [answer] = choose([an_emergency()], [a_responder(position=None)])
    assert isinstance(answer, NoResponder)
    assert answer.nearest == ()
    assert ResponderGate.NO_POSITION in answer.stopped["r1"]


def test_with_no_responder_at_all_every_emergency_still_gets_an_answer() -> None:
    assert all(isinstance(answer, NoResponder) for answer in choose([an_emergency("a"), an_emergency("b")], []))
    assert choose([], [a_responder()]) == ()


def test_more_emergencies_than_responders_serves_as_many_as_there_are_the_weightier_first() -> None:
    light, heavy = an_emergency("light", 1.0), an_emergency("heavy", 5.0, weight=2.0)
    first, second = choose([light, heavy], [a_responder()])
    assert isinstance(second, Sent)
    assert isinstance(first, NoResponder)
    assert first.nearest[0].taken_by == "heavy"
    assert first.stopped["r1"] == (ResponderGate.TAKEN,)


def test_several_emergencies_are_solved_together_not_one_after_the_other() -> None:
    # Greedy would send the middle one to the first emergency and leave a long way for the second.
    responders = [a_responder("middle", 0.0), a_responder("south", -3.0)]
    one, two = sent([an_emergency("one", -1.4), an_emergency("two", 1.4)], responders)
    assert (one.first.responder_id, two.first.responder_id) == ("south", "middle")
    assert one.standby is None


@examples(40)
@given(st.integers(0, 10_000), st.integers(1, 4), st.integers(1, 6))
def test_the_choice_is_the_best_of_all_and_nobody_is_chosen_twice(seed: int, calls: int, staff: int) -> None:
    chance = random.Random(seed)
    emergencies = [an_emergency(f"e{i}", chance.uniform(-5, 5)) for i in range(calls)]
    responders = [
        a_responder(
            f"r{i}", chance.uniform(-5, 5), certificates=(certificate("first_aid"),) if chance.random() < 0.8 else ()
        )
        for i in range(staff)
    ]
    answers = choose(emergencies, responders)
    firsts = [answer.first.responder_id for answer in answers if isinstance(answer, Sent)]
    standbys = [answer.standby.responder_id for answer in answers if isinstance(answer, Sent) and answer.standby]
    assert len(set(firsts + standbys)) == len(firsts + standbys)
    able = [responder for responder in responders if responder.certificates]
    assert len(firsts) == min(calls, len(able))
    if len(able) >= calls:
        best = min(
            sum(_minutes(emergency, responder) for emergency, responder in zip(emergencies, some, strict=True))
            for some in itertools.permutations(able, calls)
        )
        chosen = sum(answer.first.arrival_min for answer in answers if isinstance(answer, Sent))
        assert chosen == pytest.approx(best)


def _minutes(emergency: Emergency, responder: Responder) -> float:
    [answer] = sent([emergency], [responder])
    return answer.first.arrival_min


def test_who_has_not_rested_goes_only_when_nobody_else_is_about_as_near() -> None:
    tired, rested = a_responder("tired", 1.0, last_call_ended_min=NOW_MIN), a_responder("rested", 1.2)
    assert sent([an_emergency()], [tired, rested])[0].first.responder_id == "rested"
    assert (
        sent([an_emergency()], [tired, replace(rested, position=place("far", 20.0))])[0].first.responder_id == "tired"
    )
    assert EmergencyPolicy().short_rest > 0
