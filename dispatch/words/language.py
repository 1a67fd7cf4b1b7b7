"""What a language must have a phrase for."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.gates import Gate
from dispatch.proposal import RefusalReason

MANY = " | "
"""Parts what is said of one from what is said of many; without it one phrase is said of both."""


def counted(phrase: str, n: int) -> str:
    one, _, many = phrase.partition(MANY)
    return (many if many and n != 1 else one).format(n=n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    stops: Mapping[Gate, str]
    """Goes on after "somebody"."""
    more: Mapping[str, str]
    """Cost term → what it means that somebody has more of it; `{n}` is the amount, in minutes where it is a time."""
    less: Mapping[str, str]
    refused: Mapping[RefusalReason, str]
    comes: str
    """`{who}`, `{at}`."""
    in_time: str
    late: str
    """`{n}` minutes."""
    known: str
    """The elder knows whoever comes."""
    instead: str
    """`{who}` and `{what}` speaks against them."""
    but: str
    """After `instead`: `{what}` speaks for them."""
    as_good: str
    stopped: str
    """`{who}` cannot, `{why}`."""
    told_anew: str
    """`{n}` visits of which people know."""
    others: str
    """`{n}` others could perhaps come too."""
    cannot: str
    """`{n}` cannot, `{why}`."""
    some: str
    """`{n}` people, `{stop}`."""
    one: str
    """The same of one."""
    two: str
    """`{n}`th visit of a pair."""
    waits: str
    """Nobody is planned, but somebody could come."""
    stop_mark: str
    """Between two reasons."""
    and_mark: str
    """Between two names."""
    gap: str
    """Between two sentences."""
