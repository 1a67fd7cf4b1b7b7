"""What pages are told of a worker: the phone is masked."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.people import Sex, masked_phone
from services.places import Location
from services.providers.workers.model import Break, Certificate, TravelMode, Worker, WorkerKind, WorkerState

_AS_KEPT = (
    "id", "provider_id", "name", "sex", "kind", "state", "base", "travel_mode", "day_limit_min", "week_limit_min",
    "month_limit_min", "most_visits", "version",
)  # fmt: skip
_LISTS = ("dialects", "skills", "areas", "certificates", "breaks", "elder_ids")


def photo_url(worker: Worker) -> str | None:
    """Changes with the photo; with `&size=small` it is a small square."""
    return f"/api/v1/workers/{worker.id}/photo?v={worker.photo_digest}" if worker.photo_digest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerView:
    id: UUID
    provider_id: UUID
    name: str
    sex: Sex
    phone_masked: str
    kind: WorkerKind
    state: WorkerState
    dialects: list[str]
    skills: list[str]
    certificates: list[Certificate]
    base: Location | None
    travel_mode: TravelMode
    areas: list[str]
    day_limit_min: int | None
    week_limit_min: int | None
    month_limit_min: int | None
    most_visits: int | None
    breaks: list[Break]
    elder_ids: list[UUID]
    photo_url: str | None
    version: int

    @classmethod
    def of(cls, worker: Worker) -> "WorkerView":
        kept = {name: getattr(worker, name) for name in _AS_KEPT}
        kept |= {name: list(getattr(worker, name)) for name in _LISTS}
        return cls(**kept, phone_masked=masked_phone(worker.phone), photo_url=photo_url(worker))


@dataclass(frozen=True, slots=True)
class WorkerPage:
    items: list[WorkerView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingCertificate:
    worker_id: UUID
    worker_name: str
    certificate: Certificate
    days_left: int
    """0: the last day; below 0: it has ended."""

    @classmethod
    def all_of(cls, workers: list[Worker], *, today: date, last: date) -> list["EndingCertificate"]:
        """The first to end first."""
        found = [
            cls(
                worker_id=worker.id,
                worker_name=worker.name,
                certificate=held,
                days_left=(held.valid_until - today).days,
            )
            for worker in workers
            for held in worker.certificates
            if held.valid_until <= last
        ]
        return sorted(found, key=lambda one: (one.days_left, one.worker_name, one.certificate.kind))


@dataclass(frozen=True, slots=True)
class RevealedPhone:
    phone: str
