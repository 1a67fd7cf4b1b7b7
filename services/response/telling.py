"""What is published about a step that was taken. Pure."""

from backbone.bus import Record
from contracts import topics
from contracts.envelope import as_json, headers
from contracts.response import StepTaken
from services.response.store_runs import KeptRun, Written


def taken(kept: KeptRun, written: Written) -> Record:
    case, plan, line, step = kept.case, kept.plan, written.line, written.step
    fields = {  # of StepTaken
        "case_id": case.id,
        "kind": case.kind.value,
        "elder": {"id": case.elder_id, "name": case.elder_name or ""} if case.elder_id else None,
        "region_code": case.region_code,
        "opened_at": case.opened_at,
        "occurred_at": case.occurred_at,
        "plan_id": plan.plan_id,
        "plan_version": plan.version,
        "step": line.step + 1,
        "period": line.period,
        "who": step.who.value,
        "channel": step.channel.value,
        "number": step.number,
        "during": step.during.value,
        "after_seconds": step.after_seconds,
        "since": line.since,
        "due_at": line.due_at,
        "at": line.at,
    }
    return Record(
        topic=topics.RESPONSE.name,
        key=str(case.id),
        headers=headers(StepTaken.TYPE, StepTaken.SOURCE, event_id=f"{case.id}:{line.period}:{line.step}", at=line.at),
        value=as_json(fields),
    )
