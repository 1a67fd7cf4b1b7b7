"""The forms a supervisor fills in about an elder. An unknown field is refused, so that a typing error loses nothing."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from services.db.text import StorableText
from services.elders.model import AbilityLevel, ContactDraft, LivingSituation, RegisterFlag
from services.people import Sex
from services.places import Place

STRICT = ConfigDict(extra="forbid")

Words = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Line = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Lines = Annotated[list[Line], Field(max_length=50)]
Remark = Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=2000)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{1,18}[0-9]$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$")]
IdentityText = Annotated[str, StringConstraints(max_length=40)]
"""Read by `identity.parse`, which says what is wrong with one."""


class Plan(BaseModel):
    model_config = STRICT
    steps: Lines


class Consent(BaseModel):
    model_config = STRICT
    kind: Words
    given_on: date
    by: Words


class ContactForm(BaseModel):
    model_config = STRICT
    id: UUID | None = Field(default=None, description="of a contact there is; none: somebody new")
    name: Words
    relation: Words
    phone: Phone | None = Field(default=None, description="none: the number we have of this id")
    distance_note: Remark = ""

    def draft(self) -> ContactDraft:
        return ContactDraft(**self.model_dump())


Contacts = Annotated[list[ContactForm], Field(max_length=20, description="in the order they are called")]


class _Details(TypedDict, total=False):
    identity_number: IdentityText
    phone: Phone | None
    register_flags: Annotated[list[RegisterFlag], Field(max_length=len(RegisterFlag))]
    conditions: Lines
    medicines: Lines
    allergies: Lines
    oxygen: bool
    notes: Remark
    door_note: Remark
    location: Place | None
    response_plan: Plan
    consents: Annotated[list[Consent], Field(max_length=50)]


class _Contacts(TypedDict, total=False):
    contacts: Contacts


@with_config(STRICT)
class Registration(_Details, _Contacts):
    name: Words
    sex: Sex
    birth_date: date
    ability_level: AbilityLevel
    living_situation: LivingSituation
    address: Line
    region_code: RegionCode


@with_config(STRICT)
class ElderChange(_Details, total=False):
    """Only the fields to change."""

    name: Words
    sex: Sex
    birth_date: date
    ability_level: AbilityLevel
    living_situation: LivingSituation
    address: Line
    region_code: RegionCode


class ContactList(BaseModel):
    model_config = STRICT
    contacts: Contacts


class Binding(BaseModel):
    model_config = STRICT
    device_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$")]
    move: bool = Field(default=False, description="take it from another elder who carries it")


def elder_fields(form: Registration | ElderChange) -> dict[str, Any]:
    """Fields of `Elder` as the slice keeps them; what was not filled in is not there."""
    fields: dict[str, Any] = {
        name: value for name, value in form.items() if name not in ("identity_number", "contacts")
    }
    for name in ("register_flags", "conditions", "medicines", "allergies"):
        if name in fields:
            fields[name] = tuple(fields[name])
    if place := form.get("location"):
        fields["location"] = place.location()
    if plan := form.get("response_plan"):
        fields["response_plan"] = plan.model_dump()
    if "consents" in form:
        fields["consents"] = tuple(consent.model_dump(mode="json") for consent in form["consents"])
    return fields
