"""Age, masks, what a reveal needs. Pure."""

import re
from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from services.elders.identity import OLDEST_BIRTH, IdentityNumber
from services.elders.model import Contact, ContactDraft, Elder
from services.errors import DomainError, NotFound

MIN_REASON_LENGTH = 4
_DEVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,63}")


class ReasonNeeded(DomainError):
    code = "elders.reason_needed"
    status = 422
    title = "Say why: the reason goes into the audit"


class IdentityDisagrees(DomainError):
    code = "elders.identity_disagrees"
    status = 422
    title = "Birth date or sex is not that of the identity number"


class IdentityTaken(DomainError):
    """`elder_id` names who has it, when that elder is the caller's to see."""

    code = "elders.identity_taken"
    status = 409
    title = "An elder with this identity number is registered already"


class BadBirthDate(DomainError):
    code = "elders.bad_birth_date"
    status = 422
    title = "The birth date is not that of a living person"


class NotYourRegion(DomainError):
    code = "elders.not_your_region"
    status = 422
    title = "There is no such region, or it is not one of yours"


class StaleVersion(DomainError):
    """`version` is the current one."""

    code = "elders.stale_version"
    status = 412
    title = "The profile has been changed since you read it"


class BadContact(DomainError):
    code = "elders.bad_contact"
    status = 422
    title = "A contact will not do"


class DeviceBound(DomainError):
    """`elder_id` names who carries it."""

    code = "elders.device_bound"
    status = 409
    title = "Another elder carries this device: unbind it first, or send move: true"


class UnknownDevice(NotFound):
    """A device outside the caller's scope gives the same answer."""

    code = "elders.unknown_device"
    title = (
        "No such device in use: provision it first (yian devices provision), unless it is somebody's not yours to see"
    )


class DeviceTaken(DomainError):
    code = "elders.device_taken"
    status = 409
    title = "A device of this id exists already"


class BadDeviceId(DomainError):
    code = "elders.bad_device_id"
    status = 422
    title = "A device id has 3 to 64 of A-Z a-z 0-9 _ -, the first a letter or digit"


def age_on(birth_date: date, day: date) -> int:
    """Full years. Who was born on 29 February turns a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def masked_identity_number(number: str) -> str:
    """City of registration and last four, as printed on letters: `4202**********123X`."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def digits_of_phone(typed: str) -> str | None:
    """`+86 139-1234-5678` → `13912345678`; None for what is neither a whole number nor the last four digits of one."""
    digits = re.sub(r"[ +-]", "", typed)
    if not (digits.isascii() and digits.isdecimal() and len(digits) >= 4):
        return None
    return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits


def checked_reason(reason: str) -> str:
    """:raises ReasonNeeded:"""
    reason = reason.strip()
    if len(reason) < MIN_REASON_LENGTH:
        raise ReasonNeeded(f"at least {MIN_REASON_LENGTH} characters")
    return reason


def check_device_id(device_id: str) -> None:
    """:raises BadDeviceId:"""
    if not _DEVICE_ID.fullmatch(device_id):
        raise BadDeviceId(repr(device_id))


def check_agrees(elder: Elder, number: IdentityNumber) -> None:
    """:raises IdentityDisagrees:"""
    if (elder.birth_date, elder.sex) != (number.birth_date, number.sex):
        raise IdentityDisagrees


def check_birth_date(birth_date: date, today: date) -> None:
    """:raises BadBirthDate:"""
    if not OLDEST_BIRTH <= birth_date <= today:
        raise BadBirthDate


def check_version(elder: Elder, read: int | None) -> None:
    """:param read: the version its editor has seen; None: whatever it is. :raises StaleVersion:"""
    if read not in (None, elder.version):
        raise StaleVersion(f"you have read version {read}, it is {elder.version} now", version=elder.version)


def contacts_in_order(drafts: Sequence[ContactDraft], known: Sequence[Contact]) -> list[Contact]:
    """:param known: the contacts there are; those no draft names are no longer. :raises BadContact:"""
    before = {contact.id: contact for contact in known}
    contacts = []
    for position, draft in enumerate(drafts, start=1):
        kept = before.pop(draft.id, None) if draft.id else None
        if draft.id and kept is None:
            raise BadContact(f"number {position} has the id of no contact of this elder, or of one named twice")
        phone = draft.phone or (kept.phone if kept else None)
        if phone is None:
            raise BadContact(f"number {position} is new and needs a phone")
        contacts.append(
            Contact(
                id=draft.id or uuid4(),
                position=position,
                name=draft.name,
                relation=draft.relation,
                phone=phone,
                distance_note=draft.distance_note,
            )
        )
    return contacts


def region_and_above(code: str) -> list[str]:
    """`420202001002` → the codes of 市, 县区, 镇街, 村社区."""
    return [code[:length] for length in (4, 6, 9, 12) if length <= len(code)]
