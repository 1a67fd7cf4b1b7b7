"""Days and plans as JSON files: docs/dispatch-file-formats.md."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from dispatch.model import Day

FORMAT = "yian.dispatch.day.v1"


class UnreadableFile(Exception):
    """Its text names the file, the field and what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFile:
    """Of orders alone (`day.plan` empty), or `plan.json` with the plan made for them."""

    format: str
    day: Day
    title: str = ""


def write_day(path: Path, day: Day, title: str = "") -> None:
    content = msgspec.json.encode(DayFile(format=FORMAT, day=day, title=title))
    path.write_bytes(msgspec.json.format(content, indent=1))


def read_day(path: Path) -> DayFile:
    """UnreadableFile if it cannot be read, is no such file, or contradicts itself."""
    try:
        file = msgspec.json.decode(path.read_bytes(), type=DayFile)
    except OSError as broken:
        raise UnreadableFile(f"{path}: {broken.strerror}") from None
    except msgspec.DecodeError as broken:
        raise UnreadableFile(f"{path}: {broken}") from None
    if file.format != FORMAT:
        raise UnreadableFile(f"{path}: format is {file.format!r}, not {FORMAT!r}")
    if contradiction := _contradiction(file.day):
        raise UnreadableFile(f"{path}: {contradiction}")
    return file


def _contradiction(day: Day) -> str:
    """What no field alone can get wrong; "" = nothing."""
    visits = [visit.id for order in day.orders for visit in order.visits]
    workers = [worker.id for worker in day.workers]
    planned = [stop.visit_id for _, stop in day.plan.stops()]
    if odd := [order.id for order in day.orders if len(order.visits) not in (1, 2)]:
        return f"order {odd[0]} needs one visit or two"
    for name, ids in (("visit", visits), ("worker", workers), ("order", [order.id for order in day.orders])):
        if twice := _twice(ids):
            return f"{name} {twice} is there twice"
    if twice := _twice(planned):
        return f"visit {twice} is planned twice"
    if unknown := set(planned) - set(visits):
        return f"the plan has the unknown visit {min(unknown)}"
    if unknown := {route.worker_id for route in day.plan.routes} - set(workers):
        return f"the plan has the unknown worker {min(unknown)}"
    return ""


def _twice(ids: list[str]) -> str:
    return next((one for one, other in zip(sorted(ids), sorted(ids)[1:], strict=False) if one == other), "")
