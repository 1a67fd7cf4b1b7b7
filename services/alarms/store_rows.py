"""Between rows and what they mean: a case, a line of its timeline."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from contracts.alarm_case import ElderOnCase, OperatorOnCase
from contracts.alarm_kind import AlarmKind
from contracts.device_event import Location
from services.alarms.model import Actor, AlarmCase, AlarmMove, AlarmState, Entry, Escalation, Outcome

CASE_COLUMNS = (
    "id", "version", "kind", "join_key", "subject", "priority", "worklist", "state", "device_id", "wire_type",
    "elder_id", "elder", "region_code", "response_plan", "opened_at", "occurred_at", "received_at", "rang_at",
    "time_suspect", "press_count", "counted", "counted_from", "counted_to",
    "location", "located_at", "battery_pct", "battery_at", "fall_cancelled_at",
    "claimed_by", "claimed_by_name", "claimed_at", "lease_until", "first_claimed_at", "closed_at", "outcome",
    "escalation", "attended_by",
)  # fmt: skip
FIXED = ("id", "kind", "join_key", "priority", "worklist", "opened_at")
"""Columns that no move changes."""
LINE_COLUMNS = (
    "case_id", "seq", "move", "state", "recorded_at", "received_at", "device_at", "actor_id", "actor_name",
    "actor_role", "detail", "idempotency_key",
)  # fmt: skip
JOINED_COLUMNS = (
    "case_id", "device_id", "event_id", "happening", "occurred_at", "device_time", "received_at", "owed",
    "answered_at",
)  # fmt: skip
"""Those of `alarm_case_events`, and the fields of `Joined`."""


def row_of(case: AlarmCase) -> dict[str, Any]:
    """`CASE_COLUMNS`."""
    holder = case.claimed_by
    return {
        "id": case.id, "version": case.version, "kind": case.kind, "join_key": case.join_key, "subject": case.subject,
        "priority": case.priority, "worklist": case.worklist, "state": case.state, "device_id": case.device_id,
        "wire_type": case.wire_type, "elder_id": case.elder.id if case.elder else None,
        "elder": case.elder.model_dump(mode="json", exclude_none=True) if case.elder else None,
        "region_code": case.region_code, "response_plan": case.response_plan, "opened_at": case.opened_at,
        "occurred_at": case.occurred_at, "received_at": case.received_at, "rang_at": case.rang_at,
        "time_suspect": case.time_suspect, "press_count": case.press_count, "counted": case.counted,
        "counted_from": case.counted_from, "counted_to": case.counted_to,
        "location": case.location.model_dump(exclude_none=True) if case.location else None,
        "located_at": case.located_at, "battery_pct": case.battery_pct, "battery_at": case.battery_at,
        "fall_cancelled_at": case.fall_cancelled_at,
        "claimed_by": holder.id if holder else None, "claimed_by_name": holder.name if holder else None,
        "claimed_at": case.claimed_at, "lease_until": case.lease_until, "first_claimed_at": case.first_claimed_at,
        "closed_at": case.closed_at, "outcome": case.outcome,
        "escalation": case.escalation, "attended_by": case.attended_by,
    }  # fmt: skip


def row_of_entry(case: AlarmCase, entry: Entry) -> dict[str, Any]:
    """`LINE_COLUMNS`."""
    actor = entry.actor
    return {
        "case_id": case.id, "seq": entry.seq, "move": entry.move, "state": entry.state,
        "recorded_at": entry.recorded_at, "received_at": entry.received_at, "device_at": entry.device_at,
        "actor_id": actor.id if actor else None, "actor_name": actor.name if actor else None,
        "actor_role": actor.role if actor else None, "detail": entry.detail, "idempotency_key": entry.idempotency_key,
    }  # fmt: skip


def case_of(row: Mapping[str, Any]) -> AlarmCase:
    """A row of `alarm_cases`."""
    holder = OperatorOnCase(id=row["claimed_by"], name=row["claimed_by_name"]) if row["claimed_by"] else None
    return AlarmCase(
        id=row["id"], version=row["version"], kind=AlarmKind(row["kind"]), join_key=row["join_key"],
        state=AlarmState(row["state"]), device_id=row["device_id"], wire_type=row["wire_type"],
        elder=ElderOnCase.model_validate(row["elder"]) if row["elder"] else None, region_code=row["region_code"],
        response_plan=row["response_plan"], opened_at=row["opened_at"], occurred_at=row["occurred_at"],
        received_at=row["received_at"], rang_at=row["rang_at"], time_suspect=row["time_suspect"],
        press_count=row["press_count"], counted=row["counted"], counted_from=row["counted_from"],
        counted_to=row["counted_to"], location=Location.model_validate(row["location"]) if row["location"] else None,
        located_at=row["located_at"], battery_pct=row["battery_pct"], battery_at=row["battery_at"],
        fall_cancelled_at=row["fall_cancelled_at"], claimed_by=holder, claimed_at=row["claimed_at"],
        lease_until=row["lease_until"], first_claimed_at=row["first_claimed_at"], closed_at=row["closed_at"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        escalation=Escalation(row["escalation"]) if row["escalation"] else None, attended_by=row["attended_by"],
    )  # fmt: skip


def entry_of(row: DictRow) -> Entry:
    """A row of `alarm_timeline`."""
    actor = Actor(id=row["actor_id"], name=row["actor_name"], role=row["actor_role"]) if row["actor_id"] else None
    return Entry(
        seq=row["seq"], move=AlarmMove(row["move"]), state=AlarmState(row["state"]), recorded_at=row["recorded_at"],
        received_at=row["received_at"], device_at=row["device_at"], actor=actor, detail=row["detail"],
        idempotency_key=row["idempotency_key"],
    )  # fmt: skip
