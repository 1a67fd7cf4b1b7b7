"""Who must be told now."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from dispatch.commitment import due_to_tell
from dispatch.policy import Policy
from services.assignment.planned_day import PlannedDay


def due_to_be_told(day: PlannedDay, policy: Policy, now: datetime) -> dict[UUID, int]:
    """Visit → the version in which its order is known. Of those that the orders slice has as planned: the others are
    not told before it has taken the proposal."""
    at = replace(day.living.day, now_min=day.clock.minutes(now))
    planned = {
        visit.id: view.version for view in day.views.values() for visit in view.visits if visit.state == "planned"
    }
    return {visit_id: planned[visit_id] for visit_id in map(UUID, due_to_tell(at, policy)) if visit_id in planned}
