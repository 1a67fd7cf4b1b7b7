"""Who may say what of an elder's life, from when on, and what is refused. Pure."""

from datetime import date, datetime, timedelta
from typing import Any

from services.accounts.permissions import Role
from services.elders.life.model import LifeMove
from services.errors import DomainError

BACK = timedelta(days=31)
"""So late one may still say since when."""
AHEAD = timedelta(days=92)
LONGEST = timedelta(days=366)
CORRECTABLE = timedelta(days=30)
"""So long a death that was said by mistake can be corrected."""


class NotYoursToSay(DomainError):
    """`move` is what was asked for."""

    code = "elders.not_yours_to_say"
    status = 403
    title = "Somebody else says this: please call the call centre"


class BadDays(DomainError):
    """`field` names the day that is wrong."""

    code = "elders.bad_days"
    status = 422
    title = "These days cannot be: choose others"


class TooLateToCorrect(DomainError):
    code = "elders.too_late_to_correct"
    status = 409
    title = f"After {CORRECTABLE.days} days this is no longer corrected here: register her anew"


class LifeReasonNeeded(DomainError):
    code = "elders.life_reason_needed"
    status = 422
    title = "Say from whom it is known, in a few words: it is kept with her record"


class AddressNeeded(DomainError):
    """`field` names what is missing, or what does not belong there."""

    code = "elders.address_needed"
    status = 422
    title = "Moving house names the new address and its region; other moves name none"


SHORTEST_REASON = 2

_M = LifeMove
_CALL_CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR})
WHO: dict[LifeMove, frozenset[Role]] = {
    **dict.fromkeys((_M.TO_HOSPITAL, _M.GO_AWAY, _M.COME_HOME), _CALL_CENTRE | {Role.FAMILY}),
    **dict.fromkeys((_M.MOVE_OUT, _M.RETURN, _M.DIE), _CALL_CENTRE),
    **dict.fromkeys((_M.RELOCATE, _M.CORRECT), frozenset({Role.SUPERVISOR})),
}
"""A family says what pauses its orders, and nothing that is for good."""


def check_may(move: LifeMove, role: Role, reason: str) -> None:
    """:raises NotYoursToSay: :raises LifeReasonNeeded: a family need not say why"""
    if role not in WHO[move]:
        raise NotYoursToSay(move=move)
    if role is not Role.FAMILY and len(reason.strip()) < SHORTEST_REASON:
        raise LifeReasonNeeded


def check_days(move: LifeMove, from_day: date, until_day: date | None, today: date) -> None:
    """:raises BadDays:"""
    if move in (_M.TO_HOSPITAL, _M.GO_AWAY):
        _check_between("from_day", from_day, today - BACK, today + AHEAD)
        if until_day is not None:
            _check_between("until_day", until_day, max(from_day, today) + timedelta(days=1), today + LONGEST)
        return
    if until_day is not None:
        raise BadDays("only of a stay in hospital or elsewhere an end is said", field="until_day")
    if move is _M.DIE:
        _check_between("from_day", from_day, today - LONGEST, today)
    elif move in (_M.COME_HOME, _M.MOVE_OUT):
        _check_between("from_day", from_day, today, today + AHEAD)
    elif from_day != today:
        raise BadDays("this holds from today on", field="from_day")


def _check_between(field: str, day: date, first: date, last: date) -> None:
    if not first <= day <= last:
        raise BadDays(f"{field} is between {first} and {last}", field=field, first=str(first), last=str(last))


def check_correctable(move: LifeMove, said_at: datetime | None, now: datetime) -> None:
    """:raises TooLateToCorrect:"""
    if move is _M.CORRECT and said_at is not None and now - said_at > CORRECTABLE:
        raise TooLateToCorrect


def check_address(move: LifeMove, address: dict[str, Any]) -> None:
    """:param address: the fields that were filled in :raises AddressNeeded:"""
    if move is not _M.RELOCATE:
        if address:
            raise AddressNeeded(field=sorted(address)[0])
        return
    for field in ("address", "region_code"):
        if not address.get(field):
            raise AddressNeeded(field=field)
