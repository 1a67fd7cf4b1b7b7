"""What is refused about grants. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from services.errors import DomainError

ASKS_A_DAY = 5
"""Of one account within 24 hours, whether or not they named an elder there is: guessing is slow."""
WAITING_AT_MOST = 10
"""Of one account, that nobody has decided yet."""
A_DAY = timedelta(hours=24)
SHORTEST_NOTE = 4


class IllegalMove(DomainError):
    """`state` is the grant's, `move` what was asked for."""

    code = "grants.illegal_move"
    status = 409
    title = "Not possible in the grant's state"


class GrantLacking(DomainError):
    """`kind` is what the account lacks. Only for an elder for whom it has a grant of another kind."""

    code = "grants.lacking"
    status = 403
    title = "You have no grant of this kind for this elder; ask for it"


class TooManyAsked(DomainError):
    code = "grants.too_many_asked"
    status = 429
    title = "You have asked often; wait, or have one of those that wait decided or withdrawn"

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.members["retry_after_seconds"])}


class OwnGrant(DomainError):
    code = "grants.own"
    status = 403
    title = "Nobody decides about what they have asked for themselves"


class NobodyFits(DomainError):
    code = "grants.nobody_fits"
    status = 409
    title = "Nobody on the register fits what was said: refuse it; with the right particulars it can be asked for again"


class MoreThanAsked(DomainError):
    """`kinds` are those that nobody asked for."""

    code = "grants.more_than_asked"
    status = 422
    title = "What nobody has asked for cannot be confirmed"


class OverAlready(DomainError):
    code = "grants.over_already"
    status = 422
    title = "The last day lies in the past"


class OnlyOfficials(DomainError):
    code = "grants.only_officials"
    status = 403
    title = "A document instead of the elder's word is accepted by a civil-affairs officer only"


class UnknownElder(DomainError):
    code = "grants.unknown_elder"
    status = 422
    title = "There is no such elder"


class NoteNeeded(DomainError):
    code = "grants.note_needed"
    status = 422
    title = "Say which document, or why"


def check_pace(asked_at: Iterable[datetime], waiting: int, now: datetime) -> None:
    """:param asked_at: when this account asked within the last day :raises TooManyAsked:"""
    recent = sorted(asked_at)
    if len(recent) >= ASKS_A_DAY:
        free_at = recent[-ASKS_A_DAY] + A_DAY
        raise TooManyAsked(retry_after_seconds=max(1, int((free_at - now).total_seconds()) + 1))
    if waiting >= WAITING_AT_MOST:
        raise TooManyAsked(retry_after_seconds=int(A_DAY.total_seconds()))


def check_until(until: date | None, today: date) -> None:
    """:raises OverAlready:"""
    if until is not None and until < today:
        raise OverAlready


def check_kinds(confirmed: Iterable[str], asked: Iterable[str]) -> None:
    """The elder may agree to less. :raises MoreThanAsked:"""
    more = sorted(set(confirmed) - set(asked))
    if more:
        raise MoreThanAsked(", ".join(more), kinds=more)


def check_document(note: str, *, by_official: bool) -> None:
    """:raises OnlyOfficials: :raises NoteNeeded:"""
    if not by_official:
        raise OnlyOfficials
    check_note(note)


def check_note(note: str) -> None:
    """:raises NoteNeeded:"""
    if len(note.strip()) < SHORTEST_NOTE:
        raise NoteNeeded(f"at least {SHORTEST_NOTE} characters")
