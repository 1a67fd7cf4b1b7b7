"""What happens to the runs of escalation plans, in the caller's transaction: a case moved, or time has passed.

A claim and a step that is due in the same moment are settled by the lock on the run: whoever has it first writes what
became of the step, and the other finds nothing pending.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from contracts.alarm_case import CaseMoved
from services.accounts.model import Scope
from services.accounts.permissions import Role
from services.db import clock, outbox
from services.db.pool import Connection
from services.notify.store import NoticeStore
from services.response import plans, rules, telling
from services.response.model import Because, Fate, Hold, Line, Run, RunCase, Standing, Step, Who
from services.response.store_plans import PlanStore
from services.response.store_runs import Change, KeptRun, RunStore, Written

ENTERS = frozenset({"open", "claim", "release", "lapse", "close", "reopen"})
"""Moves of a case after which somebody else, or nobody, holds it."""


class AtConsole(Protocol):
    @property
    def role(self) -> str: ...
    @property
    def region_codes(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What this slice asks of others at once; the edge passes it in."""

    standings: Callable[[Connection, Collection[UUID]], Awaitable[Mapping[UUID, tuple[int, str, datetime]]]]
    """Of cases: version, state, and since when."""
    at_consoles: Callable[[Connection], Awaitable[Sequence[AtConsole]]]


async def hear(tx: Connection, events: Sequence[CaseMoved], around: Around) -> int:
    """Cases were opened, or changed hands; returns how many steps were taken at once."""
    now = await clock.now(tx)
    store, changes = RunStore(tx), _Changes()
    changes.know(await store.lock({event.case.id for event in events}))
    opened = [event for event in events if event.move == "open" and event.case.id not in changes.after]
    begun = await _begin(tx, opened, now, around) if opened else {}
    for event in events:
        case_id = event.case.id
        if case_id in begun:
            changes.add(*begun.pop(case_id))
        elif case_id in changes.after:
            standing = Standing(event.case.version, hold_of(event.case.state), event.at)
            changes.settle(case_id, *rules.heard(changes.after[case_id].run, standing, now))
    return await _write(tx, changes, around)


async def take_due(tx: Connection, around: Around, *, at_most: int, without: Collection[UUID] = ()) -> int:
    """Takes the steps whose time has come, of so many cases; returns how many cases that was.

    The bus may be a moment behind: how each case stands is asked first, so nobody is told of a case that was claimed.
    """
    changes = _Changes()
    changes.know(await RunStore(tx).lock_due(at_most=at_most, without=without))
    if not changes.after:
        return 0
    try:
        await _take_due(tx, changes, around)
    except Exception as error:
        raise NotTaken(tuple(changes.after)) from error
    return len(changes.after)


class NotTaken(Exception):
    """Something is wrong with one of these cases; nothing was done for any of them."""

    def __init__(self, case_ids: tuple[UUID, ...]) -> None:
        super().__init__(f"{len(case_ids)} cases")
        self.case_ids = case_ids


async def _take_due(tx: Connection, changes: "_Changes", around: Around) -> None:
    standings, now = await around.standings(tx, changes.after.keys()), await clock.now(tx)
    for case_id, kept in list(changes.after.items()):
        if found := standings.get(case_id):
            changes.settle(case_id, *rules.heard(kept.run, _standing(found), now))
        changes.settle(case_id, *rules.due(changes.after[case_id].run, now))
    await _write(tx, changes, around)


def hold_of(state: str) -> Hold:
    """Of a case's state."""
    if state == "closed":
        return Hold.ENDED
    return Hold.UNCLAIMED if state == "open" else Hold.HELD


def _standing(found: tuple[int, str, datetime]) -> Standing:
    version, state, since = found
    return Standing(version, hold_of(state), since)


class _Changes:
    """Runs as they were found, as they are now, and what became of their steps."""

    def __init__(self) -> None:
        self.before: dict[UUID, Run | None] = {}
        self.after: dict[UUID, KeptRun] = {}
        self.lines: defaultdict[UUID, list[Line]] = defaultdict(list)

    def know(self, runs: Mapping[UUID, KeptRun]) -> None:
        self.after |= runs
        self.before |= {case_id: kept.run for case_id, kept in runs.items()}

    def add(self, kept: KeptRun, lines: Iterable[Line]) -> None:
        self.after[kept.case.id], self.before[kept.case.id] = kept, None
        self.lines[kept.case.id] += lines

    def settle(self, case_id: UUID, run: Run, lines: Iterable[Line]) -> None:
        self.after[case_id] = replace(self.after[case_id], run=run)
        self.lines[case_id] += lines


async def _begin(
    tx: Connection, opened: Sequence[CaseMoved], now: datetime, around: Around
) -> dict[UUID, tuple[KeptRun, list[Line]]]:
    """Chooses each case's plan and freezes it. What is technical has none."""
    cases = {event.case.id: event for event in opened if not event.case.worklist}
    if not cases:
        return {}
    views = [event.case for event in cases.values()]
    versions = await PlanStore(tx).of_cases(
        {view.region_code for view in views if view.region_code}, {view.elder.id for view in views if view.elder}
    )
    standings, begun = await around.standings(tx, cases.keys()), dict[UUID, tuple[KeptRun, list[Line]]]()
    for case_id, event in cases.items():
        view, elder = event.case, event.case.elder
        plan = plans.choose(
            versions, kind=view.kind, at=view.opened_at, region_code=view.region_code,
            elder_id=elder.id if elder else None,
        )  # fmt: skip
        opening = Standing(view.version, Hold.UNCLAIMED, view.opened_at)
        found = standings.get(case_id)
        run, lines = rules.begin(plan.steps, opening, _standing(found) if found else opening, now)
        case = RunCase(
            id=case_id, kind=view.kind, opened_at=view.opened_at, occurred_at=view.occurred_at,
            elder_id=elder.id if elder else None, elder_name=elder.name if elder else None,
            region_code=view.region_code,
        )  # fmt: skip
        begun[case_id] = (KeptRun(case=case, plan=plan, run=run), lines)
    return begun


async def _write(tx: Connection, changes: _Changes, around: Around) -> int:
    """Keeps it and says what was taken; returns how many steps that was."""
    reached = await _reached(tx, changes, around)
    kept, records = list[Change](), []
    for case_id, found in changes.after.items():
        lines = [_written(found, line, reached) for line in changes.lines[case_id]]
        unheard = {one.line.step for one in lines if one.line.because is Because.NOBODY}
        after = replace(found, run=replace(found.run, told=found.run.told - unheard))
        kept.append(Change(before=changes.before[case_id], after=after, lines=lines))
        records += [telling.taken(after, one) for one in lines if one.line.fate is Fate.TAKEN]
    await RunStore(tx).save(kept)
    await outbox.append(tx, records)
    return len(records)


Reach = Callable[[RunCase, Step], int | None]


def _written(kept: KeptRun, line: Line, reached: Reach) -> Written:
    """A family of which nobody has leave is not told: who is given it later still is, should the case come back."""
    step = kept.plan.steps[line.step]
    if line.fate is not Fate.TAKEN:
        return Written(line=line, step=step)
    told = reached(kept.case, step)
    if told == 0 and step.who is Who.FAMILY:
        return Written(line=line._replace(fate=Fate.SKIPPED, because=Because.NOBODY), step=step)
    return Written(line=line, step=step, told=told)


async def _reached(tx: Connection, changes: _Changes, around: Around) -> Reach:
    """How many pages or consoles a step reaches; None: it is a suggestion, and tells nobody."""
    told = [
        (changes.after[case_id].case, changes.after[case_id].plan.steps[line.step].who)
        for case_id, lines in changes.lines.items()
        for line in lines
        if line.fate is Fate.TAKEN
    ]
    families = {case.elder_id for case, who in told if who is Who.FAMILY and case.elder_id}
    followers = await NoticeStore(tx).followers(families) if families else {}
    consoles = await around.at_consoles(tx) if any(who in _AT_CONSOLES for _, who in told) else []

    def reach(case: RunCase, step: Step) -> int | None:
        if step.who is Who.FAMILY:
            return followers.get(case.elder_id, 0) if case.elder_id else 0
        if step.who not in _AT_CONSOLES:
            return None
        return sum(
            one.role in _AT_CONSOLES[step.who]
            and Scope(one.region_codes).covers(region_code=case.region_code, elder_id=None)
            for one in consoles
        )

    return reach


_STAFF = frozenset({Role.OPERATOR.value, Role.SUPERVISOR.value})
_AT_CONSOLES: dict[Who, frozenset[str]] = {
    Who.OPERATORS: _STAFF,
    Who.SECOND_OPERATOR: _STAFF,
    Who.SUPERVISOR: frozenset({Role.SUPERVISOR.value}),
}
"""Whose consoles show it."""
