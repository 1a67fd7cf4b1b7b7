"""An instance of the home health care benchmark as its JSON says it, checked: what is missing, of another type or
impossible is refused with its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from dispatch.reading import UnreadableFile, read_json

Minutes = Annotated[float, Meta(ge=0)]


class Service(Struct, frozen=True):
    id: str
    default_duration: Minutes | None = None


class Needed(Struct, frozen=True):
    service: str
    duration: Minutes | None = None


class Synchronization(Struct, frozen=True):
    type: str
    distance: tuple[float, float] = (0.0, 0.0)


class Patient(Struct, frozen=True):
    id: str
    time_window: tuple[Minutes, Minutes]
    required_caregivers: Annotated[list[Needed], Meta(min_length=1, max_length=2)]
    synchronization: Synchronization | None = None


class Caregiver(Struct, frozen=True):
    id: str
    abilities: list[str]


class Document(Struct, frozen=True):
    patients: list[Patient]
    services: list[Service]
    caregivers: Annotated[list[Caregiver], Meta(min_length=1)]
    distances: list[list[Minutes]]


class Sketch(Struct, frozen=True):
    """As much as tells whether a file is an instance, and of which size."""

    patients: list[object] | UnsetType = UNSET
    caregivers: list[object] | UnsetType = UNSET


class Stop(Struct, frozen=True):
    patient: str
    service: str
    arrival_time: float
    """The start of the service, after any waiting."""
    departure_time: float


class Route(Struct, frozen=True):
    caregiver_id: str
    locations: list[Stop]


class Solution(Struct, frozen=True):
    routes: list[Route]


def read_solution(path: Path) -> Solution:
    """Whether it keeps the rules is the checker's to say.

    :raises UnreadableFile: with the place and what is wrong there.
    """
    return read_json(path, Solution)


def read_document(path: Path) -> Document:
    document = read_json(path, Document)
    for wrong in _contradictions(document):
        raise UnreadableFile(f"{path}: {wrong}. Correct this, or name another file.")
    return document


def read_size(path: Path) -> int | None:
    """How many patients; None: no instance."""
    sketch = read_json(path, Sketch | list[object])  # type: ignore[arg-type]
    if not isinstance(sketch, Sketch) or sketch.patients is UNSET or sketch.caregivers is UNSET:
        return None
    return len(sketch.patients)


def _contradictions(document: Document) -> Iterator[str]:
    places = len(document.patients) + 1
    rows = document.distances
    if len(rows) != places:
        yield f"distances has {len(rows)} rows, needed are {places}: the depot and {places - 1} patients"
    for number, row in enumerate(rows):
        if len(row) != places:
            yield f"row {number} of distances has {len(row)} numbers, needed are {places}"
    durations = {service.id: service.default_duration for service in document.services}
    for patient in document.patients:
        yield from _of_patient(patient, durations)


def _of_patient(patient: Patient, durations: dict[str, float | None]) -> Iterator[str]:
    if patient.time_window[0] > patient.time_window[1]:
        yield f"patient {patient.id}: the time window ends before it begins"
    for needed in patient.required_caregivers:
        if needed.service not in durations:
            yield f"patient {patient.id} needs the service {needed.service}, which services does not list"
        elif needed.duration is None and durations[needed.service] is None:
            yield f"patient {patient.id}: the service {needed.service} has no duration"
    if len(patient.required_caregivers) == 2 and patient.synchronization is None:
        yield f"patient {patient.id} needs two caregivers and has no synchronization"
    if (
        patient.synchronization is not None
        and patient.synchronization.distance[0] > patient.synchronization.distance[1]
    ):
        yield f"patient {patient.id}: the synchronization's distance ends before it begins"
