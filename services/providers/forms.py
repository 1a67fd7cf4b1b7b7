"""The forms about a provider. An unknown field is refused."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from services.db.text import StorableText
from services.providers.model import ProviderMove
from services.providers.rules import without_those_inside

STRICT = ConfigDict(extra="forbid")

Name = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
LicenceNumber = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z][0-9A-Z-]{3,39}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{1,18}[0-9]$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{4}(\d{2}(\d{3}(\d{3})?)?)?$")]
RegionCodes = Annotated[
    tuple[RegionCode, ...], Field(min_length=1, max_length=100), AfterValidator(without_those_inside)
]
Reason = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=4, max_length=500)]


class Admission(BaseModel):
    model_config = STRICT
    name: Name
    licence_number: LicenceNumber = Field(description="unified social credit code or number of the record")
    licence_until: date = Field(description="the last day it holds")
    phone: Phone
    region_codes: RegionCodes


@with_config(STRICT)
class ProviderChange(TypedDict, total=False):
    """Only the fields to change. A provider itself may change `phone`."""

    name: Name
    licence_number: LicenceNumber
    licence_until: date
    phone: Phone
    region_codes: RegionCodes


class MoveForm(BaseModel):
    model_config = STRICT
    move: ProviderMove
    reason: Reason = Field(description="is shown to the provider and kept")
