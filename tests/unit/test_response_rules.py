"""Who is told of a case nobody takes: the built-in plan, claims, lapses, changing hands; every order of few events."""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.response import rules
from services.response.model import Because, Channel, During, Fate, Hold, Standing, Step, Who
from services.response.plans import DEFAULT
from tests.unit.response_scene import T0, Scene, seconds

LATE = 5.0
HELD_LONG = Step(after_seconds=600, who=Who.SUPERVISOR, channel=Channel.CONSOLE, during=During.HELD)


def an_opened_case(*steps: Step) -> Scene:
    scene = Scene(steps=steps or DEFAULT.steps)
    scene.hears_of_opening()
    return scene


def told(scene: Scene) -> list[Who]:
    return [scene.steps[line.step].who for line in scene.taken()]


def test_operators_and_family_are_told_at_once_and_the_others_in_their_time() -> None:
    scene = an_opened_case()
    assert told(scene) == [Who.OPERATORS, Who.FAMILY]
    for wait, who in ((29, []), (1, [Who.SECOND_OPERATOR]), (29, []), (1, [Who.SUPERVISOR]), (119, []),
                      (1, [Who.COMMUNITY, Who.AMBULANCE]), (3600, [])):  # fmt: skip
        before = told(scene)
        scene.passes(wait)
        scene.ticks()
        assert told(scene)[len(before) :] == who
    scene.check()


def test_a_claim_stops_all_that_is_pending() -> None:
    scene = an_opened_case()
    scene.passes(40)
    scene.ticks()
    scene.moves(Hold.HELD)
    scene.hears()
    assert scene.run is not None
    assert not scene.run.pending
    stopped = [scene.steps[line.step].who for line in scene.log if line.because is Because.CLAIMED]
    assert stopped == [Who.SUPERVISOR, Who.COMMUNITY, Who.AMBULANCE]
    scene.passes(3600)
    scene.ticks()
    assert len(scene.taken()) == 3


def test_a_timer_that_looks_after_a_claim_of_which_the_run_has_not_heard_tells_nobody() -> None:
    scene = an_opened_case()
    scene.passes(29.9)
    scene.moves(Hold.HELD)
    scene.passes(0.2)
    scene.ticks()
    assert told(scene) == [Who.OPERATORS, Who.FAMILY]


def test_a_claim_and_a_release_of_which_the_run_hears_late_begin_a_full_wait_anew() -> None:
    scene = an_opened_case()
    scene.passes(20)
    scene.moves(Hold.HELD)
    scene.moves(Hold.UNCLAIMED)
    scene.passes(15)
    scene.ticks()
    assert Who.SECOND_OPERATOR not in told(scene)
    scene.passes(15)
    scene.ticks()
    assert told(scene)[-1] is Who.SECOND_OPERATOR
    scene.check()


def test_who_lets_a_claim_lapse_starts_the_waits_again_and_the_family_hears_nothing_twice() -> None:
    scene = an_opened_case()
    scene.passes(25)
    scene.moves(Hold.HELD)
    scene.hears()
    scene.passes(60)
    scene.moves(Hold.UNCLAIMED)
    scene.hears()
    assert told(scene) == [Who.OPERATORS, Who.FAMILY, Who.OPERATORS]
    assert [line.because for line in scene.log if line.fate is Fate.SKIPPED] == [Because.TOLD_ALREADY]
    scene.passes(60)
    scene.ticks()
    assert told(scene)[3:] == [Who.SECOND_OPERATOR, Who.SUPERVISOR]
    scene.check()


def test_a_suggestion_that_was_made_stands_and_is_not_made_again() -> None:
    scene = an_opened_case()
    scene.passes(200)
    scene.ticks()
    scene.moves(Hold.HELD)
    scene.moves(Hold.UNCLAIMED)
    scene.passes(200)
    scene.ticks()
    assert (told(scene).count(Who.AMBULANCE), told(scene).count(Who.SUPERVISOR)) == (1, 2)
    scene.check()


def test_a_held_case_that_changes_hands_calls_the_supervisor_once() -> None:
    scene = an_opened_case(*DEFAULT.steps, HELD_LONG)
    for _ in range(3):
        scene.moves(Hold.HELD)
        scene.hears()
        scene.passes(601)
        scene.ticks()
    assert told(scene).count(Who.SUPERVISOR) == 1
    scene.check()


def test_closing_ends_everything_and_reopening_begins_the_waits_again() -> None:
    scene = an_opened_case()
    scene.moves(Hold.HELD)
    scene.moves(Hold.ENDED)
    scene.hears()
    scene.passes(3600)
    scene.ticks()
    assert told(scene) == [Who.OPERATORS, Who.FAMILY]
    scene.moves(Hold.UNCLAIMED)
    scene.hears()
    scene.passes(60)
    scene.ticks()
    assert told(scene)[2:] == [Who.OPERATORS, Who.SECOND_OPERATOR, Who.SUPERVISOR]
    scene.check()


@pytest.mark.parametrize(("hold", "after", "who"), [
    (Hold.HELD, 1, [Who.OPERATORS, Who.FAMILY]),
    (Hold.HELD, 3 * 3600, []),
    (Hold.ENDED, 1, []),
    (Hold.UNCLAIMED, 3 * 3600, [Who.OPERATORS, Who.FAMILY]),
])  # fmt: skip
def test_a_case_that_is_heard_of_late_tells_at_once_only_who_can_still_help(
    hold: Hold, after: float, who: list[Who]
) -> None:
    scene = Scene()
    if hold is not Hold.UNCLAIMED:
        scene.passes(0.2)
        scene.moves(hold)
    scene.now = T0 + seconds(after)
    scene.hears_of_opening()
    assert told(scene) == who


def test_what_comes_again_changes_nothing() -> None:
    scene = an_opened_case()
    scene.moves(Hold.HELD)
    for standing in (*scene.history, *scene.history):
        scene.hears(standing)
    assert scene.run is not None
    assert (scene.run.version, scene.run.period) == (2, 2)
    scene.check()


# --- every order of few events

EVENTS = ("hears", "claims", "gives back", "closes", "reopens", "notes", "waits", "ticks")


def happens(scene: Scene, event: str) -> bool:
    """False: it cannot happen now."""
    match event, scene.case.hold:
        case "claims", Hold.UNCLAIMED:
            scene.moves(Hold.HELD)
        case "gives back", Hold.HELD:
            scene.moves(Hold.UNCLAIMED)
        case "closes", Hold.HELD:
            scene.moves(Hold.ENDED)
        case "reopens", Hold.ENDED:
            scene.moves(Hold.UNCLAIMED)
        case "notes", _:
            scene.notes()
        case "waits", _:
            scene.passes(31)
        case "ticks", _ if scene.run is not None:
            scene.ticks()
        case "hears", _ if scene.run is None:
            scene.hears_of_opening()
        case "hears", _ if scene.run is not None and scene.run.version < scene.case.version:
            scene.hears(next(one for one in scene.history if one.version > scene.run.version))
        case _:
            return False
    scene.passes(0.001)
    return True


def test_every_order_of_up_to_six_events_keeps_what_must_hold() -> None:
    seen, scenes = 0, [Scene(steps=(*DEFAULT.steps[:4], Step(after_seconds=31, who=Who.SUPERVISOR,
                       channel=Channel.CONSOLE, during=During.HELD)))]  # fmt: skip
    for _ in range(6):
        after = []
        for scene in scenes:
            for event in EVENTS:
                other = scene.copy()
                if happens(other, event):
                    other.check()
                    reaches_the_supervisor(other)
                    after.append(other)
        seen += len(after)
        scenes = after
    assert seen > 10_000


def reaches_the_supervisor(scene: Scene) -> None:
    """Wherever it stands: if nobody does anything from now on but the timers, every step comes in its time."""
    if scene.run is None or scene.case.hold is not Hold.UNCLAIMED:
        return
    other = scene.copy()
    other.now = max(other.now, other.case.since + seconds(60))
    other.ticks()
    assert [line for line in other.taken(Who.SUPERVISOR) if line.since == other.case.since]
    other.check()


class Escalation(RuleBasedStateMachine):
    """Operators, a bus that tells late, workers that are killed and come back within five seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene(steps=(*DEFAULT.steps, HELD_LONG))

    @initialize(late=st.floats(0, 4))
    def opens(self, late: float) -> None:
        self.scene.passes(late)
        self.scene.hears_of_opening()

    @rule(event=st.sampled_from([one for one in EVENTS if one not in ("waits", "ticks")]))
    def something(self, event: str) -> None:
        happens(self.scene, event)

    @rule(wait=st.floats(0, 4.9))
    def a_worker_is_away(self, wait: float) -> None:
        self.scene.passes(wait)
        self.scene.ticks()

    @rule(minutes=st.integers(1, 4))
    def the_worker_is_there(self, minutes: int) -> None:
        for _ in range(12 * minutes):
            self.scene.passes(4.9)
            self.scene.ticks()

    @precondition(lambda self: self.scene.run is not None)
    @rule()
    def the_bus_tells_all_again(self) -> None:
        for standing in self.scene.history:
            self.scene.hears(standing)

    @invariant()
    def holds(self) -> None:
        self.scene.check()

    @invariant()
    def every_step_comes_at_most_five_seconds_late(self) -> None:
        run = self.scene.run
        if run is not None and (due := rules.next_due(run)) and run.version == self.scene.case.version:
            assert self.scene.now - due <= timedelta(seconds=LATE)


TestEscalation = Escalation.TestCase
TestEscalation.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_the_rules_would_be_caught_if_they_forgot_the_claim() -> None:
    """So that the exploration above cannot pass because it sees nothing."""
    scene = an_opened_case()
    scene.passes(10)
    scene.moves(Hold.HELD)
    scene.passes(25)
    assert scene.run is not None
    scene._took(*rules.due(scene.run, scene.now))  # a timer that does not look how the case stands
    with pytest.raises(AssertionError, match="after the case has moved"):
        scene.check()


def test_a_standing_is_compared_by_its_version() -> None:
    run, _ = rules.begin(DEFAULT.steps, Standing(3, Hold.UNCLAIMED, T0), Standing(3, Hold.UNCLAIMED, T0), T0)
    assert rules.heard(run, Standing(2, Hold.ENDED, T0), T0) == (run, [])
