"""What somebody types to find an elder, as pieces that are kept of names and addresses. Pure."""

import re
from dataclasses import dataclass

from services.elders import rules

MOST_WORDS = 4
_NOT_IN_NAMES = re.compile(r"[·•.]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """Its keys are those that `elder_search_keys` of the database makes of a name or address that has it."""

    text: str
    name: tuple[str, ...]
    initials: tuple[str, ...]
    address: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    typed: str
    words: tuple[Word, ...]
    """All of them: `王秀英 幸福路`."""
    digits: str | None
    """Of a whole phone number, or the last four of one."""


def sought(typed: str) -> Sought:
    words = [_NOT_IN_NAMES.sub("", word) for word in typed.lower().split()]
    return Sought(
        typed=typed,
        words=tuple(_word(word) for word in words[:MOST_WORDS] if word),
        digits=rules.digits_of_phone(typed),
    )


def _word(text: str) -> Word:
    pairs = tuple(text[at : at + 2] for at in range(max(1, len(text) - 1)))
    return Word(
        text=text,
        name=tuple(f"n{pair}" for pair in pairs),
        initials=(f"i{text}",),
        address=tuple(f"a{pair}" for pair in pairs),
    )
