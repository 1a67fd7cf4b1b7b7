"""What is refused about providers. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.accounts.model import Scope
from services.errors import DomainError


class IllegalMove(DomainError):
    """`state` is the provider's, `move` what was asked for."""

    code = "providers.illegal_move"
    status = 409
    title = "Not possible in the provider's state"


class LicenceTaken(DomainError):
    """`provider_id` names who has it, when that provider is the caller's to see."""

    code = "providers.licence_taken"
    status = 409
    title = "A provider with this licence number is registered already"


class NotYourRegion(DomainError):
    code = "providers.not_your_region"
    status = 422
    title = "There is no such region, or it is not one of yours"


class WiderThanYours(DomainError):
    """`region_codes` are those that are not the caller's."""

    code = "providers.wider_than_yours"
    status = 403
    title = "This provider also serves regions that are not yours; who answers for all of them may change it"


class OnlyPhone(DomainError):
    code = "providers.only_phone"
    status = 403
    title = "A provider changes its phone number; everything else is changed by the city"


def check_regions(region_codes: Iterable[str], scope: Scope) -> None:
    """Where a provider is to serve. :raises NotYourRegion:"""
    foreign = sorted(code for code in region_codes if not scope.holds([code]))
    if foreign:
        raise NotYourRegion(", ".join(foreign), region_codes=foreign)


def check_may_decide(region_codes: Iterable[str], scope: Scope) -> None:
    """About a provider that serves these regions. :raises WiderThanYours:"""
    foreign = sorted(code for code in region_codes if not scope.holds([code]))
    if foreign:
        raise WiderThanYours(region_codes=foreign)


def check_own_change(changes: Mapping[str, Any]) -> None:
    """By the provider itself. :raises OnlyPhone:"""
    if set(changes) - {"phone"}:
        raise OnlyPhone


def without_those_inside(region_codes: Iterable[str]) -> tuple[str, ...]:
    """Sorted; a region that lies inside another of them adds nothing."""
    kept: list[str] = []
    for code in sorted(set(region_codes)):
        if not kept or not code.startswith(kept[-1]):
            kept.append(code)
    return tuple(kept)
