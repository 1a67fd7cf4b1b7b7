"""The homes of the TIHM data set as devices on the wire. Pure: files in, readings out.

TIHM (PBarnaghi/TIHM-Dataset, Zenodo record 7622128, CC BY 4.0). Its times carry no offset and are
taken as UTC. A home's measuring devices speak as `TIHM-{home}`; each motion or door sensor is a
device of its own, `TIHM-{home}-{place}`, as in the homes: two rooms may see somebody in the very
same second, and a device's name and time stand for one reading.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from device_sim.senml import Reading

NAMES = {
    "Body Temperature": "body_temperature",
    "Skin Temperature": "skin_temperature",
    "Systolic blood pressure": "systolic_bp",
    "Diastolic blood pressure": "diastolic_bp",
    "Heart rate": "heart_rate",
    "Body weight": "body_weight",
    "Total body water": "total_body_water",
    "O/E - muscle mass": "muscle_mass",
}


@dataclass(frozen=True, slots=True, order=True)
class Sample:
    at: float
    device_id: str
    name: str
    value: float | str

    def reading(self) -> Reading:
        return Reading(self.name, self.at, self.value)


def samples(folder: Path) -> list[Sample]:
    """Every row of Physiology.csv and of activity/*.csv in order of time, exact repeats once."""
    found = set(physiology(folder / "Physiology.csv"))
    for path in sorted((folder / "activity").glob("*.csv")):
        found.update(activity(path))
    return sorted(found, key=lambda sample: (sample.at, sample.device_id, sample.name))


def physiology(path: Path) -> Iterator[Sample]:
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            kind = row["device_type"]
            name = NAMES.get(kind) or kind.lower().replace(" ", "_")
            yield Sample(_unix(row["date"]), f"TIHM-{row['patient_id']}", name, float(row["value"]))


def activity(path: Path) -> Iterator[Sample]:
    """Columns by position: id, place, time come first in every file, under differing headings."""
    with path.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for home, place, at, *_ in rows:
            name = "door" if place.endswith("-door") else "motion"
            yield Sample(_unix(at), f"TIHM-{home}-{place}", name, place)


def device_ids(folder: Path) -> list[str]:
    """Whom the broker must know before a replay."""
    return sorted({sample.device_id for sample in samples(folder)})


def _unix(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
