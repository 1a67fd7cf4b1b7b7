"""What is published about welfare visits that are due, keyed by the planning area. Pure."""

from datetime import datetime
from typing import Literal

from backbone.bus import Record
from contracts import topics
from contracts.envelope import headers
from contracts.welfare import WelfareDueMoved
from services.orders.welfare.model import Due, DueState

CAME_OF_IT: dict[DueState, Literal["visited", "not_visited"]] = {
    DueState.VISITED: "visited",
    DueState.NOT_VISITED: "not_visited",
}
"""The states that end it. On which day it is planned, and that it is ordered, concerns nobody outside."""


def told(due: Due, version: int, at: datetime) -> Record:
    return _record(due, CAME_OF_IT.get(due.state, "due"), version, at)


def forgotten(due: Due, version: int, at: datetime) -> Record:
    """None is owed after all."""
    return _record(due, "forgotten", version, at)


State = Literal["due", "visited", "not_visited", "forgotten"]


def _record(due: Due, state: State, version: int, at: datetime) -> Record:
    event = WelfareDueMoved(
        elder_id=due.elder_id,
        region_code=due.region_code,
        month=due.month,
        due_from=due.period.first,
        due_until=due.period.last,
        weekly=due.weekly,
        version=version,
        state=state,
        visited_on=due.visited_on,
        order_id=due.order_id,
        code=due.code,
        at=at,
    )
    event_id = f"{due.elder_id}:{due.period.first}:{version}:{int(at.timestamp() * 1e6)}"
    return Record(
        topic=topics.WELFARE.name,
        key=due.area,
        headers=headers(event.TYPE, event.SOURCE, event_id=event_id, at=at),
        value=event.value(),
    )
