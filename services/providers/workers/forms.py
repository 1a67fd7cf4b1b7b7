"""The forms about a worker. An unknown field is refused."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from services.db.text import StorableText
from services.people import Sex
from services.places import Place
from services.providers.forms import STRICT, Phone, Reason, RegionCode
from services.providers.rules import without_those_inside
from services.providers.workers.model import Break, Certificate, TravelMode, WorkerKind, WorkerMove

Name = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Number = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Minute = Annotated[int, Field(ge=0, le=1440)]


def _each_once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Sorted."""
    return tuple(sorted(set(values)))


Dialects = Annotated[tuple[Name, ...], Field(max_length=20), AfterValidator(_each_once)]
Skills = Annotated[tuple[Code, ...], Field(max_length=50), AfterValidator(_each_once)]
Areas = Annotated[tuple[RegionCode, ...], Field(max_length=100), AfterValidator(without_those_inside)]
Elders = Annotated[tuple[UUID, ...], Field(max_length=20), AfterValidator(_each_once)]


class CertificateForm(BaseModel):
    model_config = STRICT
    kind: Code
    number: Number
    valid_from: date
    valid_until: date = Field(description="the last day it is valid")


class BreakForm(BaseModel):
    model_config = STRICT
    duration_min: int = Field(ge=5, le=240)
    from_min: Minute = Field(description="minutes after 00:00: it begins not before this")
    to_min: Minute
    paid: bool = False


class _Details(TypedDict, total=False):
    kind: WorkerKind
    dialects: Dialects
    skills: Skills
    certificates: Annotated[list[CertificateForm], Field(max_length=50)]
    base: Place | None
    travel_mode: TravelMode
    areas: Areas
    day_limit_min: Annotated[int, Field(ge=1, le=1440)] | None
    week_limit_min: Annotated[int, Field(ge=1, le=7 * 1440)] | None
    month_limit_min: Annotated[int, Field(ge=1, le=31 * 1440)] | None
    most_visits: Annotated[int, Field(ge=1, le=50)] | None
    breaks: Annotated[list[BreakForm], Field(max_length=4)]
    elder_ids: Elders


@with_config(STRICT)
class Hiring(_Details):
    name: Name
    sex: Sex
    phone: Phone


@with_config(STRICT)
class WorkerChange(_Details, total=False):
    """Only the fields to change."""

    name: Name
    sex: Sex
    phone: Phone


class WorkerMoveForm(BaseModel):
    model_config = STRICT
    move: WorkerMove
    reason: Reason


class PhoneReveal(BaseModel):
    model_config = STRICT
    reason: Reason = Field(description="is kept")


def worker_fields(form: Hiring | WorkerChange) -> dict[str, Any]:
    """Fields of `Worker`; what was not filled in is not there."""
    fields: dict[str, Any] = dict(form)
    if base := form.get("base"):
        fields["base"] = base.location()
    if "certificates" in form:
        held = (Certificate(**one.model_dump()) for one in form["certificates"])
        fields["certificates"] = tuple(sorted(held, key=lambda one: (one.kind, one.number)))
    if "breaks" in form:
        fields["breaks"] = tuple(Break(**one.model_dump()) for one in form["breaks"])
    return fields
