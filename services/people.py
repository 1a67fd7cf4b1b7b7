"""What is said of any person: their sex, and a phone number that is not shown whole."""

from typing import Literal

Sex = Literal["female", "male"]


def masked_phone(phone: str) -> str:
    """`139****1234`; of a short number the last two digits."""
    if len(phone) >= 11:
        return phone[:3] + "*" * (len(phone) - 7) + phone[-4:]
    return "*" * max(0, len(phone) - 2) + phone[-2:]
