"""Age, masks, what a reveal needs. Pure."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.elders.identity import IdentityNumber
from services.elders.model import Elder
from services.errors import DomainError

BUSINESS_DAY_ZONE = ZoneInfo("Asia/Shanghai")
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


class DeviceTaken(DomainError):
    code = "elders.device_taken"
    status = 409
    title = "A device of this id exists already"


class BadDeviceId(DomainError):
    code = "elders.bad_device_id"
    status = 422
    title = "A device id has 3 to 64 of A-Z a-z 0-9 _ -, the first a letter or digit"


def business_day(now: datetime) -> date:
    return now.astimezone(BUSINESS_DAY_ZONE).date()


def age_on(birth_date: date, day: date) -> int:
    """Full years. Who was born on 29 February turns a year older on 1 March of a common year."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def masked_identity_number(number: str) -> str:
    """City of registration and last four, as printed on letters: `4202**********123X`."""
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def masked_phone(phone: str) -> str:
    """`139****1234`; of a short number the last two digits."""
    if len(phone) >= 11:
        return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
    return "*" * max(0, len(phone) - 2) + phone[-2:]


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


def region_and_above(code: str) -> list[str]:
    """`420202001002` → the codes of 市, 县区, 镇街, 村社区."""
    return [code[:length] for length in (4, 6, 9, 12) if length <= len(code)]
