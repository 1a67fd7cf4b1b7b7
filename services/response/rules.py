"""What becomes of a case's plan as the case moves and time passes. Pure.

Every wait counts from the moment since which nobody holds the case (or somebody does), by the database's clock: a
worker that was away makes a step late, never early, and does not push the next one back.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from services.response.model import (
    BRINGS,
    MOVES,
    Because,
    During,
    Fate,
    Hold,
    Line,
    Run,
    Standing,
    Step,
)

FRESH = timedelta(minutes=5)
"""If it is heard so late that a case was opened, and somebody holds it, nobody is told any more that it rang."""

_WAITS = {Hold.UNCLAIMED: During.UNCLAIMED, Hold.HELD: During.HELD}
_STOPS = {Hold.HELD: Because.CLAIMED, Hold.UNCLAIMED: Because.GIVEN_BACK, Hold.ENDED: Because.CLOSED}


def begin(steps: tuple[Step, ...], opened: Standing, now: Standing, at: datetime) -> tuple[Run, list[Line]]:
    """A case was opened; it stands by now as `now` says. What waits for nothing is taken, whoever was quicker: the
    family is not kept from hearing of it by an operator's quick hand."""
    run = Run(steps=steps, hold=Hold.UNCLAIMED, since=opened.since, version=opened.version, period=0)
    if now.hold is Hold.ENDED:
        return replace(run, hold=Hold.ENDED, since=now.since, version=now.version, period=1), []
    too_late = now.hold is Hold.HELD and at - opened.since > FRESH
    run, lines = _enter(run, opened, at, skip_at_once=Because.LATE if too_late else None)
    run, more = heard(run, now, at)
    return run, [*lines, *more]


def heard(run: Run, standing: Standing, at: datetime) -> tuple[Run, list[Line]]:
    """The case stands like this. What is known already changes nothing."""
    if standing.version <= run.version:
        return run, []
    if (standing.hold, standing.since) == (run.hold, run.since):
        return replace(run, version=standing.version), []
    assert standing.hold is run.hold or MOVES[run.hold, BRINGS[standing.hold]] is standing.hold
    return _enter(run, standing, at)


def due(run: Run, at: datetime) -> tuple[Run, list[Line]]:
    """Takes what is due, each step once."""
    lines = []
    for index, due_at in sorted(run.pending.items(), key=lambda one: (one[1], one[0])):
        if due_at <= at:
            run, line = _take(run, index, due_at, at)
            lines.append(line)
    taken = {line.step for line in lines}
    return replace(run, pending={i: when for i, when in run.pending.items() if i not in taken}), lines


def next_due(run: Run) -> datetime | None:
    return min(run.pending.values(), default=None)


def _enter(
    run: Run, standing: Standing, at: datetime, *, skip_at_once: Because | None = None
) -> tuple[Run, list[Line]]:
    """A new period begins: what was pending is stopped, and every step of the new hold waits its full wait."""
    why = _STOPS[standing.hold]
    lines = [
        Line(index, run.period, Fate.STOPPED, run.since, due_at, at, why)
        for index, due_at in sorted(run.pending.items())
    ]
    run = replace(
        run, hold=standing.hold, since=standing.since, version=standing.version, period=run.period + 1, pending={}
    )
    pending = dict[int, datetime]()
    for index, step in enumerate(run.steps):
        if step.during is not _WAITS.get(run.hold):
            continue
        due_at = run.since + timedelta(seconds=step.after_seconds)
        if step.after_seconds == 0 and skip_at_once:
            lines.append(Line(index, run.period, Fate.SKIPPED, run.since, due_at, at, skip_at_once))
        elif step.after_seconds == 0 or _told_already(run, index):
            run, line = _take(run, index, due_at, at)
            lines.append(line)
        else:
            pending[index] = due_at
    return replace(run, pending=pending), lines


def _take(run: Run, index: int, due_at: datetime, at: datetime) -> tuple[Run, Line]:
    if _told_already(run, index):
        return run, Line(index, run.period, Fate.SKIPPED, run.since, due_at, at, Because.TOLD_ALREADY)
    line = Line(index, run.period, Fate.TAKEN, run.since, due_at, at)
    return replace(run, told=run.told | {index}), line


def _told_already(run: Run, index: int) -> bool:
    step = run.steps[index]
    return step.once_a_case and any(run.steps[other].tells_the_same(step) for other in run.told)
