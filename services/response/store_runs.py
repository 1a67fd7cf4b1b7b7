"""The SQL of runs: each case's frozen plan, its timers, and what became of each step."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from contracts.alarm_kind import AlarmKind
from services.db.pool import Connection
from services.response.model import Because, Chosen, Fate, Hold, Line, Run, RunCase, Step

_LOCK = "SELECT * FROM response_runs WHERE case_id = ANY (%s) ORDER BY case_id FOR UPDATE"
_LOCK_DUE = """
SELECT * FROM response_runs
 WHERE case_id IN (SELECT case_id FROM response_pending
                    WHERE due_at <= clock_timestamp() AND NOT case_id = ANY (%s) ORDER BY due_at LIMIT %s)
   FOR UPDATE SKIP LOCKED
"""
_ADD = """
INSERT INTO response_runs (case_id, kind, elder_id, elder_name, region_code, opened_at, occurred_at,
                           plan_id, plan_version, plan_name, steps, hold, since, version, period, told)
VALUES (%(id)s, %(kind)s, %(elder_id)s, %(elder_name)s, %(region_code)s, %(opened_at)s, %(occurred_at)s,
        %(plan_id)s, %(plan_version)s, %(plan_name)s, %(steps)s, %(hold)s, %(since)s, %(version)s, %(period)s, %(told)s)
"""
_SAVE = """
UPDATE response_runs r SET hold = n.hold, since = n.since, version = n.version, period = n.period, told = n.told
  FROM (SELECT case_id, hold, since, version, period, string_to_array(nullif(told, ''), ' ')::integer[] AS told
          FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::integer[], %s::integer[], %s::text[])
               AS t (case_id, hold, since, version, period, told)) n
 WHERE r.case_id = n.case_id
"""
_STOP = """
DELETE FROM response_pending p USING unnest(%s::uuid[], %s::integer[]) AS n (case_id, step)
 WHERE p.case_id = n.case_id AND p.step = n.step
"""
_WAIT = """
INSERT INTO response_pending (case_id, step, due_at) SELECT * FROM unnest(%s::uuid[], %s::integer[], %s::timestamptz[])
    ON CONFLICT (case_id, step) DO UPDATE SET due_at = EXCLUDED.due_at
"""
_LOG = """
INSERT INTO response_steps (case_id, period, step, fate, because, who, channel, since, due_at, at, told)
SELECT * FROM unnest(%s::uuid[], %s::integer[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[],
                     %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::integer[])
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRun:
    case: RunCase
    plan: Chosen
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a step, as it is kept."""

    line: Line
    step: Step
    told: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A run before and after, and what became of its steps in between."""

    before: Run | None
    """None: it is new."""
    after: KeptRun
    lines: Sequence[Written]


class RunStore:
    def __init__(self, tx: Connection) -> None:
        self._tx = tx

    async def lock(self, case_ids: Collection[UUID]) -> dict[UUID, KeptRun]:
        """Those there are; nobody else changes them until the transaction ends."""
        cursor = await self._tx.execute(_LOCK, (sorted(case_ids),))
        return await self._with_pending(await cursor.fetchall())

    async def lock_due(self, *, at_most: int, without: Collection[UUID] = ()) -> dict[UUID, KeptRun]:
        """Of which a step is due; those that somebody else has locked are left to them."""
        cursor = await self._tx.execute(_LOCK_DUE, (list(without), at_most))
        return await self._with_pending(await cursor.fetchall())

    async def find(self, case_id: UUID) -> KeptRun | None:
        cursor = await self._tx.execute("SELECT * FROM response_runs WHERE case_id = %s", (case_id,))
        return (await self._with_pending(await cursor.fetchall())).get(case_id)

    async def log(self, case_id: UUID) -> list[Written]:
        """In the order in which it came."""
        cursor = await self._tx.execute(
            "SELECT s.*, r.steps -> s.step AS said FROM response_steps s JOIN response_runs r USING (case_id)"
            " WHERE case_id = %s ORDER BY s.at, s.period, s.step",
            (case_id,),
        )
        return [_written(row) for row in await cursor.fetchall()]

    async def seconds_to_next(self) -> float | None:
        """Until the next timer is due; negative: since it was. None: nothing waits."""
        cursor = await self._tx.execute(
            "SELECT extract(epoch FROM min(due_at) - clock_timestamp())::float8 AS wait FROM response_pending"
        )
        row = await cursor.fetchone()
        return row["wait"] if row else None

    async def save(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.before is None:
                await self._tx.execute(_ADD, _row_of(change.after))
        moved = [change for change in changes if change.before is not None and change.before != change.after.run]
        if moved:
            await self._tx.execute(_SAVE, _columns([_hold_of(one.after) for one in moved]))
        gone, come = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
        for change in changes:
            case_id, pending = change.after.case.id, change.after.run.pending
            before: Mapping[int, datetime] = change.before.pending if change.before else {}
            gone += [(case_id, step) for step in before if step not in pending]
            come += [(case_id, step, due) for step, due in pending.items() if before.get(step) != due]
        if gone:
            await self._tx.execute(_STOP, _columns(gone))
        if come:
            await self._tx.execute(_WAIT, _columns(come))
        if log := [_logged(change.after.case.id, one) for change in changes for one in change.lines]:
            await self._tx.execute(_LOG, _columns(log))

    async def _with_pending(self, rows: Sequence[dict[str, Any]]) -> dict[UUID, KeptRun]:
        """Read after the runs were locked, so that it is what their last writer has left."""
        if not rows:
            return {}
        pending: dict[UUID, dict[int, datetime]] = {row["case_id"]: {} for row in rows}
        cursor = await self._tx.execute(
            "SELECT case_id, step, due_at FROM response_pending WHERE case_id = ANY (%s)", (list(pending),)
        )
        for row in await cursor.fetchall():
            pending[row["case_id"]][row["step"]] = row["due_at"]
        return {row["case_id"]: _kept(row, pending[row["case_id"]]) for row in rows}


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _kept(row: dict[str, Any], pending: Mapping[int, datetime]) -> KeptRun:
    steps = msgspec.convert(row["steps"], tuple[Step, ...])
    case = {name: row[name] for name in ("opened_at", "occurred_at", "elder_id", "elder_name", "region_code")}
    return KeptRun(
        case=RunCase(id=row["case_id"], kind=AlarmKind(row["kind"]), **case),
        plan=Chosen(row["plan_id"], row["plan_version"], row["plan_name"], steps),
        run=Run(
            steps=steps, hold=Hold(row["hold"]), since=row["since"], version=row["version"], period=row["period"],
            pending=pending, told=frozenset(row["told"]),
        ),
    )  # fmt: skip


def _row_of(kept: KeptRun) -> dict[str, Any]:
    case, plan, run = kept.case, kept.plan, kept.run
    return {
        "id": case.id, "kind": case.kind, "elder_id": case.elder_id, "elder_name": case.elder_name,
        "region_code": case.region_code, "opened_at": case.opened_at, "occurred_at": case.occurred_at,
        "plan_id": plan.plan_id, "plan_version": plan.version, "plan_name": plan.name,
        "steps": Jsonb(msgspec.to_builtins(plan.steps)), "hold": run.hold, "since": run.since, "version": run.version,
        "period": run.period, "told": sorted(run.told),
    }  # fmt: skip


def _hold_of(kept: KeptRun) -> tuple[Any, ...]:
    run = kept.run
    return (kept.case.id, run.hold, run.since, run.version, run.period, " ".join(map(str, sorted(run.told))))


def _logged(case_id: UUID, one: Written) -> tuple[Any, ...]:
    line, step = one.line, one.step
    return (
        case_id, line.period, line.step, line.fate, line.because, step.who, step.channel, line.since, line.due_at,
        line.at, one.told,
    )  # fmt: skip


def _written(row: dict[str, Any]) -> Written:
    because = Because(row["because"]) if row["because"] else None
    return Written(
        line=Line(row["step"], row["period"], Fate(row["fate"]), row["since"], row["due_at"], row["at"], because),
        step=msgspec.convert(row["said"], Step),
        told=row["told"],
    )
