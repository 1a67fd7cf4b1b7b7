"""Days and plans as JSON files: docs/dispatch-file-formats.md."""

from dataclasses import dataclass
from pathlib import Path

import msgspec

from dispatch.model import Day, Worker
from dispatch.reading import UnreadableFile, read_json

FORMAT = "yian.dispatch.day.v1"


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
    file = read_json(path, DayFile)
    if file.format != FORMAT:
        raise UnreadableFile(f"{path}: format is {file.format!r}, not {FORMAT!r}. Name a day or a plan of this format.")
    if wrong := wrong_in(file.day):
        raise UnreadableFile(f"{path}: {wrong}. Correct this, or name another file.")
    return file


def wrong_in(day: Day) -> str:
    """The first thing that cannot be; "" = nothing."""
    return _contradiction(day) or _impossible(day)


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


def _impossible(day: Day) -> str:
    """Numbers that no day can have; "" = none. JSON knows neither nan nor infinity."""
    for order in day.orders:
        if any(visit.duration_min < 0 for visit in order.visits):
            return f"a visit of order {order.id} has a negative duration_min"
        if order.window.to_min < order.window.from_min:
            return f"the window of order {order.id} ends before it begins"
        if order.latest_start_min < order.window.from_min:
            return f"the latest_start_min of order {order.id} lies before its window"
        if order.priority < 0:
            return f"the priority of order {order.id} is negative"
        if order.synchronisation.max_gap_min < order.synchronisation.min_gap_min:
            return f"order {order.id}: max_gap_min is below min_gap_min"
    if wrong := next((wrong for worker in day.workers if (wrong := _impossible_work(worker))), ""):
        return wrong
    places = [order.place for order in day.orders] + [worker.start for worker in day.workers]
    if off := [place.id for place in places if not (abs(place.lat) <= 90 and abs(place.lon) <= 180)]:
        return f"the place {off[0]} lies beside the globe: lat is -90 to 90, lon -180 to 180"
    return ""


def _impossible_work(worker: Worker) -> str:
    if min(worker.contract_work_min, worker.max_work_min) < 0:
        return f"worker {worker.id} may work a negative time"
    if worker.max_visits is not None and worker.max_visits < 0:
        return f"worker {worker.id} may have a negative number of visits"
    for one in worker.breaks:
        if one.duration_min < 0:
            return f"a break of worker {worker.id} has a negative duration_min"
        if one.window.to_min < one.window.from_min:
            return f"the window of a break of worker {worker.id} ends before it begins"
    return ""


def _twice(ids: list[str]) -> str:
    return next((one for one, other in zip(sorted(ids), sorted(ids)[1:], strict=False) if one == other), "")
