"""How the rule of silent elders does in recorded homes: how often it would tell of people who were well, how soon it
tells of a silence that was put in, and whether what it tells goes with what clinicians noted.

TIHM (Zenodo 7622128): motion sensors and doors of homes of people with dementia. It knows no meals, and its sensors
speak only when somebody moves. So each day has a meal at noon and one in the evening, at which she is not met; and a
home counts as well where something was heard of it within a day before and after.

The limits of the rule were fixed before any label was looked at. They are judged in two halves of the homes alike.
"""

import argparse
import csv
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from bench.program import run
from bench.tables import show
from device_sim.tihm import activity
from services.business_day import ZONE
from services.watch.model import Sight, Watcher
from services.watch.rules import silence_of

MEALS = (timedelta(hours=12), timedelta(hours=17, minutes=30))
STEP, AFTER = timedelta(minutes=10), timedelta(hours=3)
NEAR = timedelta(hours=48)
DAY = timedelta(days=1)
NOBODY = UUID(int=0)


@dataclass
class Home:
    id: str
    moved: list[datetime]
    """Rising."""
    noted: list[datetime]

    def last_before(self, at: datetime) -> datetime | None:
        found = bisect_right(self.moved, at)
        return self.moved[found - 1] if found else None

    def is_well(self, at: datetime) -> bool:
        before = self.last_before(at)
        after = bisect_left(self.moved, at)
        return before is not None and at - before < DAY and after < len(self.moved) and self.moved[after] - at < DAY

    def days(self) -> Iterator[datetime]:
        """Midnights of days that lie whole in what was recorded."""
        day = self.moved[0].replace(hour=0, minute=0, second=0, microsecond=0) + DAY
        while day + DAY <= self.moved[-1]:
            yield day
            day += DAY


def homes(folder: Path) -> list[Home]:
    """Their local times are taken for Shanghai's: the rule asks for the hour of the day."""
    moved: dict[str, set[float]] = {}
    for path in sorted((folder / "activity").glob("*.csv")):
        for sample in activity(path):
            moved.setdefault(sample.device_id.split("-")[1], set()).add(sample.at)
    noted: dict[str, list[datetime]] = {}
    with (folder / "Labels.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            noted.setdefault(row["patient_id"], []).append(datetime.fromisoformat(row["date"]).replace(tzinfo=ZONE))
    return [
        Home(home, [_local(at) for at in sorted(times)], sorted(noted.get(home, [])))
        for home, times in sorted(moved.items())
    ]


def _local(unix: float) -> datetime:
    return datetime.fromtimestamp(unix, UTC).replace(tzinfo=ZONE)


def told_on(home: Home, day: datetime, *, still_from: datetime | None = None) -> datetime | None:
    """When the rule tells of her on this day, if she is met at no meal.

    :param still_from: nothing moves from then on that day
    """
    for meal in MEALS:
        at = day + meal
        while at <= day + meal + AFTER:
            before = home.last_before(min(at, still_from) if still_from else at)
            if home.is_well(day + meal) and _tells(before, day + meal, at):
                return at
            at += STEP
    return None


def _tells(moved_at: datetime | None, meal: datetime, now: datetime) -> bool:
    watcher = Watcher(device_id="M", every=STEP, heard_at=now, moved_at=moved_at)
    sight = Sight(elder_id=NOBODY, not_met_at=meal, looked_from=now - DAY, watchers=(watcher,))
    return silence_of(sight, now) is not None


def judged(name: str, some: list[Home], chance: Random) -> dict[str, object]:
    days = told = noted = near = caught = put_in = labels = found = 0
    delays: list[float] = []
    for home in some:
        quiet = []
        for day in home.days():
            if not home.is_well(day + MEALS[0]):
                continue
            days += 1
            at = told_on(home, day)
            any_near = any(timedelta(0) <= one - (day + MEALS[0]) <= NEAR for one in home.noted)
            noted += any_near
            if at is not None:
                told, near = told + 1, near + any_near
                quiet.append(at)
            onset = day + timedelta(minutes=chance.randrange(6 * 60, 17 * 60))
            before = home.last_before(onset)
            if before is not None and onset - before < timedelta(hours=1):  # up and about
                put_in += 1
                at = told_on(home, day, still_from=onset)
                if at is not None and at > onset:
                    caught += 1
                    delays.append((at - onset) / timedelta(hours=1))
        labels += len(home.noted)
        found += sum(any(timedelta(0) <= one - at <= NEAR for at in quiet) for one in home.noted)
    return {
        "homes": name,
        "days": days,
        "days told %": 100 * told / max(days, 1),
        "told a home and month": 30 * told / max(days, 1),
        "noted within 48 h %": 100 * near / max(told, 1),
        "of all days %": 100 * noted / max(days, 1),
        "noted and told before %": 100 * found / max(labels, 1),
        "silences put in": put_in,
        "told %": 100 * caught / max(put_in, 1),
        "after h, median": sorted(delays)[len(delays) // 2] if delays else 0.0,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.silence", description=__doc__)
    parser.add_argument("folder", type=Path, help="of TIHM: Labels.csv and activity/")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found, chance = homes(asked.folder), Random(1)
    halves = (("first half", found[::2]), ("other half", found[1::2]))
    show(
        f"Silent elders in {len(found)} homes, if nobody were met at any meal",
        [judged(name, some, chance) for name, some in halves],
        as_json=asked.json,
    )


if __name__ == "__main__":
    run(main)
