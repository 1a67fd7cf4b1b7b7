"""Meals and their runs as JSON files: docs/dispatch-file-formats.md."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dispatch.meals.model import MealDay
from dispatch.reading import UnreadableFile, read_json

FORMAT = "yian.dispatch.meals.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MealFile:
    format: str
    meals: MealDay
    title: str = ""


def write_meals(path: Path, meals: MealDay, title: str = "") -> None:
    """Limits that are not there are left out: JSON knows no infinity."""
    content = _finite(msgspec.to_builtins(MealFile(format=FORMAT, meals=meals, title=title)))
    path.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: _finite(inner) for key, inner in value.items() if not (isinstance(inner, float) and math.isinf(inner))
        }
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


def read_meals(path: Path) -> MealFile:
    """UnreadableFile if it cannot be read, is no such file, or contradicts itself."""
    file = read_json(path, MealFile)
    if file.format != FORMAT:
        raise UnreadableFile(f"{path}: format is {file.format!r}, not {FORMAT!r}. Name a day of meals.")
    if wrong := _contradiction(file.meals):
        raise UnreadableFile(f"{path}: {wrong}. Correct this, or name another file.")
    return file


def _contradiction(meals: MealDay) -> str:
    """What no field alone can get wrong; "" = nothing."""
    orders, carriers = [it.id for it in meals.orders], [it.id for it in meals.carriers]
    kitchens = [it.id for it in meals.kitchens]
    carried = [order_id for run in meals.runs for order_id in run.order_ids]
    for name, ids in (("order", orders), ("carrier", carriers), ("kitchen", kitchens), ("run's order", carried)):
        if len(set(ids)) < len(ids):
            return f"{name} {_twice(ids)} is there twice"
    for name, used, known in (
        ("order", carried, orders),
        ("carrier", [run.carrier_id for run in meals.runs], carriers),
        ("kitchen", [order.kitchen_id for order in meals.orders], kitchens),
    ):
        if unknown := set(used) - set(known):
            return f"there is no {name} {min(unknown)}"
    if odd := [run for run in meals.runs if len(run.door_min) != len(run.order_ids) or not run.order_ids]:
        return f"a run of {odd[0].carrier_id} has not one door_min for each of its orders"
    return ""


def _twice(ids: Sequence[str]) -> str:
    return next(one for at, one in enumerate(ids) if one in ids[:at])
