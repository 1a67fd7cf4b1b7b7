"""The forms about a grant. An unknown field is refused."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from services.accounts.grants.model import Described, GrantKind, How, in_order
from services.db.text import StorableText

STRICT = ConfigDict(extra="forbid")

Name = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 -]{5,18}[0-9]$")]
DeviceId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{2,63}$")]
LastFour = Annotated[str, StringConstraints(pattern=r"^[0-9]{3}[0-9Xx]$")]
CountyCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Kinds = Annotated[tuple[GrantKind, ...], Field(min_length=1, max_length=len(GrantKind)), AfterValidator(in_order)]
Note = Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=500)]
Why = Annotated[StorableText, StringConstraints(strip_whitespace=True, min_length=4, max_length=500)]


class ByPhone(BaseModel):
    model_config = STRICT
    phone: Phone = Field(description="the elder's, or that of a contact the register names")


class ByDevice(BaseModel):
    model_config = STRICT
    device_id: DeviceId = Field(description="as printed on a device the elder wears or has")


class GrantAsk(BaseModel):
    model_config = STRICT
    elder_name: Name
    found_by: ByPhone | ByDevice
    identity_last_four: LastFour = Field(description="the last four of the elder's identity number; not kept")
    region_code: CountyCode = Field(description="county or district in which the elder lives")
    relation: Name = Field(description="what the asker is to the elder: 女儿")
    kinds: Kinds

    def described(self) -> Described:
        return Described(
            name=self.elder_name,
            phone=self.found_by.phone if isinstance(self.found_by, ByPhone) else None,
            device_id=self.found_by.device_id if isinstance(self.found_by, ByDevice) else None,
            identity_last_four=self.identity_last_four.upper(),
            region_code=self.region_code,
        )


class Confirmation(BaseModel):
    model_config = STRICT
    decision: Literal["confirm"]
    kinds: Kinds = Field(description="what the elder agrees to: of what was asked for, all or less")
    until: date | None = Field(default=None, description="the last business day; null: until it is revoked")
    how: Literal[How.PHONE, How.IN_PERSON, How.DOCUMENT]
    note: Note = Field(default="", description="for the staff; the asker does not read it. Names a document")


class Refusal(BaseModel):
    model_config = STRICT
    decision: Literal["refuse"]
    reason: Why = Field(description="for the staff; the asker only learns that it was not confirmed")


Decision = Annotated[Confirmation | Refusal, Field(discriminator="decision")]


class GivingUp(BaseModel):
    model_config = STRICT
    reason: Note = Field(default="", description="why; needed unless the grant is one's own")
