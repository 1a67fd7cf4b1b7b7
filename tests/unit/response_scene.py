"""A case that moves, its run, and a clock, for tests of escalation: everything that may happen, and what must hold."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from services.response import rules
from services.response.model import During, Fate, Hold, Line, Run, Standing, Step, Who
from services.response.plans import DEFAULT

T0 = datetime(2026, 11, 22, 19, 10, tzinfo=UTC)
"""03:10 on a Monday in Beijing."""


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


@dataclass
class Scene:
    """The case is what the operators do; the run hears of it, at once or later. `check` says what must always hold."""

    steps: tuple[Step, ...] = DEFAULT.steps
    now: datetime = T0
    case: Standing = field(default=Standing(1, Hold.UNCLAIMED, T0))
    run: Run | None = None
    log: list[Line] = field(default_factory=list)
    history: list[Standing] = field(default_factory=list)
    """Every standing of the case, in order."""

    def __post_init__(self) -> None:
        self.history = self.history or [self.case]

    def copy(self) -> "Scene":
        return replace(self, log=list(self.log), history=list(self.history))

    # --- what operators do, whether the run hears of it or not

    def moves(self, hold: Hold) -> None:
        self.passes(0.001)
        self.case = Standing(self.case.version + 1, hold, self.now)
        self.history.append(self.case)

    def notes(self) -> None:
        self.case = self.case._replace(version=self.case.version + 1)
        self.history.append(self.case)

    # --- what the run does

    def hears_of_opening(self) -> None:
        self._took(*rules.begin(self.steps, self.history[0], self.case, self.now))

    def hears(self, standing: Standing | None = None) -> None:
        assert self.run is not None
        self._took(*rules.heard(self.run, standing or self.case, self.now))

    def ticks(self) -> None:
        """A timer looks: it reads how the case stands before it takes anything."""
        if self.run is not None:
            self.hears()
            self._took(*rules.due(self.run, self.now))

    def passes(self, wait: float) -> None:
        self.now += seconds(wait)

    def _took(self, run: Run, lines: list[Line]) -> None:
        self.run = run
        self.log += lines

    def taken(self, who: Who | None = None) -> list[Line]:
        return [line for line in self.log if line.fate is Fate.TAKEN and who in (None, self.steps[line.step].who)]

    # --- what must hold, whatever has happened

    def check(self) -> None:
        known = [(line.step, line.period) for line in self.log]
        assert len(known) == len(set(known)), "a step has one fate in each period"
        once = list[Step]()
        for line in self.taken():
            step = self.steps[line.step]
            wait = seconds(step.after_seconds)
            assert line.at >= line.since + wait, "a wait is never shorter than it says"
            if step.once_a_case:
                assert not any(step.tells_the_same(other) for other in once), "nobody is told the same twice"
                once.append(step)
            if step.after_seconds:
                stood = [one for one in self.history if one.since <= line.at][-1]
                meant = Hold.UNCLAIMED if step.during is During.UNCLAIMED else Hold.HELD
                assert (stood.hold, stood.since) == (meant, line.since), "nothing is taken after the case has moved"
        if self.run is not None:
            settled = {(line.step, line.period) for line in self.log}
            for index in self.run.pending:
                assert (index, self.run.period) not in settled, "what has its fate is not pending"
            assert self.run.hold is not Hold.ENDED or not self.run.pending, "closing ends everything"
