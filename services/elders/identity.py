"""The resident identity number: GB 11643-1999, check digit by ISO 7064 MOD 11-2. Pure."""

import re
from dataclasses import dataclass
from datetime import date

from services.errors import DomainError
from services.people import Sex

_FORM = re.compile(r"(?P<area>[1-9]\d{5})(?P<birth>\d{8})(?P<order>\d{3})(?P<check>[\dX])")
_CHECK_DIGITS = "10X98765432"
OLDEST_BIRTH = date(1880, 1, 1)


class BadIdentityNumber(DomainError):
    code = "elders.bad_identity_number"
    status = 422
    title = "This is no resident identity number"


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """Read with `parse`; `text` is canonical: 18 characters, X upper case."""

    text: str
    birth_date: date
    sex: Sex

    @property
    def area_code(self) -> str:
        """Of the county that registered the birth; codes of abolished counties stay valid."""
        return self.text[:6]


def check_digit(first_17: str) -> str:
    """Weight of the i-th digit from the right, check digit included, is 2^(i-1) mod 11."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(first_17))
    return _CHECK_DIGITS[total % 11]


def parse(text: str, *, today: date) -> IdentityNumber:
    """Accepts a lower-case x and surrounding blanks. :raises BadIdentityNumber: naming what is wrong."""
    number = text.strip().upper()
    match = _FORM.fullmatch(number) if number.isascii() else None
    if match is None:
        raise BadIdentityNumber("18 characters are needed: 17 digits and a digit or X")
    try:
        birth_date = date.fromisoformat(match["birth"])
    except ValueError:
        raise BadIdentityNumber("the birth date in it does not exist") from None
    if not OLDEST_BIRTH <= birth_date <= today:
        raise BadIdentityNumber("the birth date in it is not that of a living person")
    if check_digit(number[:17]) != match["check"]:
        raise BadIdentityNumber("the check digit does not fit: one digit is wrong, or two are swapped")
    return IdentityNumber(number, birth_date, "male" if int(match["order"]) % 2 else "female")
