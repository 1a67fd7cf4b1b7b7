"""Which schemes pay for an elder's order, and who pays what of it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.catalogue.model import ServiceTerms
from services.catalogue.rules import in_force, is_for
from services.catalogue.subsidies.model import Award, Pays, SchemeTerms, SchemeVersion, Spent, Subsidy
from services.elders.model import Elder
from services.elders.rules import age_on
from services.errors import DomainError

UNITS_UNLIMITED = 10**9


class NotAwarded(DomainError):
    code = "subsidies.not_awarded"
    status = 422
    title = "Nobody is awarded this scheme: it pays for everybody whom it is for, or is not known"


class NotEntitled(DomainError):
    """`field` names what of the elder's profile stands against it: `region`, `age`, `ability_level` or
    `register_flag`."""

    code = "subsidies.not_entitled"
    status = 422
    title = "The scheme is not for this elder: look at what it is for, or change her profile first"


class AmountNeeded(DomainError):
    code = "subsidies.amount_needed"
    status = 422
    title = "The scheme names no sum for a month: say how much this elder has"


class BadDays(DomainError):
    code = "subsidies.bad_days"
    status = 422
    title = "The last day is not before the first, nor more than five years after it"


class AwardedAlready(DomainError):
    """`award_id` holds on some of these days."""

    code = "subsidies.awarded_already"
    status = 409
    title = "This elder has the scheme on these days already: begin after it ends, or end it first"


class AwardOver(DomainError):
    code = "subsidies.award_over"
    status = 409
    title = "The award ends before that day already"


@dataclass(frozen=True, slots=True)
class Claim:
    """A scheme that pays for this elder and service on this day."""

    scheme: SchemeVersion
    award: Award | None

    @property
    def monthly_fen(self) -> int | None:
        """The most in that month; None: no such limit."""
        own = self.award.monthly_fen if self.award else None
        return self.scheme.terms.monthly_fen if own is None else own

    @property
    def pays(self) -> Pays:
        terms = self.scheme.terms
        return Pays(
            unit_fen=terms.unit_fen,
            percent=terms.percent,
            units_a_day=terms.units_a_day,
            units_a_month=terms.units_a_month,
            monthly_fen=self.monthly_fen,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """What is known of one elder: who might pay, and what they pay already."""

    schemes: Mapping[str, Sequence[SchemeVersion]]
    awards: Sequence[Award] = ()
    spent: Sequence[Spent] = ()
    """At least of the months that are asked for."""

    def claims(self, elder: Elder, service_code: str, service: ServiceTerms, day: date) -> list[Claim]:
        """Who pays first comes first."""
        found = []
        for code, versions in self.schemes.items():
            scheme = in_force(versions, day)
            if scheme is None or not _covers(scheme.terms, service_code, service.category):
                continue
            award = next((one for one in self.awards if one.scheme_code == code and one.holds(day)), None)
            if (award or not scheme.terms.awarded) and why_not(scheme.terms, elder, day) is None:
                found.append(Claim(scheme, award))
        return sorted(found, key=lambda claim: (claim.scheme.terms.rank, claim.scheme.code))

    def left_fen(self, claim: Claim, day: date) -> int | None:
        """Of the month's allowance, never below 0; None: there is none."""
        if claim.monthly_fen is None:
            return None
        return max(0, claim.monthly_fen - sum(one.fen for one in self._of_month(claim, day)))

    def left_units(self, claim: Claim, day: date) -> int:
        """That it still pays on that day."""
        terms, month = claim.scheme.terms, self._of_month(claim, day)
        a_day = UNITS_UNLIMITED if terms.units_a_day is None else terms.units_a_day
        a_month = UNITS_UNLIMITED if terms.units_a_month is None else terms.units_a_month
        today = sum(one.units for one in month if one.day == day)
        return max(0, min(a_day - today, a_month - sum(one.units for one in month)))

    def having_paid(self, subsidies: Iterable[Subsidy], day: date) -> "Purse":
        """After these."""
        new = [Spent(day=day, scheme_code=one.scheme_code, units=one.units, fen=one.fen) for one in subsidies]
        return Purse(schemes=self.schemes, awards=self.awards, spent=(*self.spent, *new))

    def _of_month(self, claim: Claim, day: date) -> list[Spent]:
        return [
            one
            for one in self.spent
            if one.scheme_code == claim.scheme.code and (one.day.year, one.day.month) == (day.year, day.month)
        ]


NOBODY_PAYS = Purse(schemes={})


def split(claims: Iterable[Claim], purse: Purse, *, price_fen: int, quantity: int, day: date) -> tuple[Subsidy, ...]:
    """What each scheme pays; the rest of `price_fen` × `quantity` the family pays. Nobody who pays nothing is named."""
    left, found = price_fen * quantity, []
    for claim in claims:
        units = min(quantity, purse.left_units(claim, day))
        fen = min(left, worth(claim.scheme.terms, price_fen, units))
        monthly = purse.left_fen(claim, day)
        if monthly is not None:
            fen = min(fen, monthly)
        if fen > 0:
            found.append(_subsidy(claim, units, fen))
            left -= fen
    return tuple(found)


def worth(terms: SchemeTerms, price_fen: int, units: int) -> int:
    """Of so many units at this price, when nothing else limits it. Part of a fen goes to the family."""
    if terms.unit_fen is not None:
        return min(terms.unit_fen, price_fen) * units
    if terms.percent is not None:
        return price_fen * units * terms.percent // 100
    return price_fen * units


def is_less(pays: Pays, before: Pays) -> bool:
    """An order that it paid for before may cost the family more: the most of a month or a day is smaller, or there is
    one now; or a unit is worth less. A sum that takes the place of a part of the price counts as less, and a part that
    takes the place of a sum: which is more hangs on the price."""
    limits = (
        (pays.monthly_fen, before.monthly_fen),
        (pays.units_a_month, before.units_a_month),
        (pays.units_a_day, before.units_a_day),
    )
    if any(now is not None and (was is None or now < was) for now, was in limits):
        return True
    if pays.unit_fen is not None and before.unit_fen is not None:
        return pays.unit_fen < before.unit_fen
    if pays.unit_fen is None and before.unit_fen is None:
        return _percent(pays) < _percent(before)
    return _percent(pays) < EVERYTHING


EVERYTHING = 100


def _percent(pays: Pays) -> int:
    if pays.unit_fen is not None:
        return 0
    return EVERYTHING if pays.percent is None else pays.percent


def _subsidy(claim: Claim, units: int, fen: int) -> Subsidy:
    return Subsidy(
        scheme_code=claim.scheme.code,
        scheme_version=claim.scheme.version,
        name=claim.scheme.terms.name,
        units=units,
        fen=fen,
        award_id=claim.award.id if claim.award else None,
        monthly_fen=claim.monthly_fen,
    )


def _covers(terms: SchemeTerms, service_code: str, category: str) -> bool:
    anything = not terms.categories and not terms.services
    return terms.running and (anything or category in terms.categories or service_code in terms.services)


def why_not(terms: SchemeTerms, elder: Elder, day: date) -> str | None:
    """The field of her profile that stands against it; None: it is for her."""
    if not elder.region_code.startswith(terms.region_codes):
        return "region"
    age = age_on(elder.birth_date, day)
    if (terms.from_age is not None and age < terms.from_age) or (
        terms.below_age is not None and age >= terms.below_age
    ):
        return "age"
    return is_for(terms, elder)


def check_award(award: Award, versions: Sequence[SchemeVersion], elder: Elder, others: Iterable[Award]) -> None:
    """As the scheme will be on the first day.

    :raises NotAwarded: :raises NotEntitled: :raises AmountNeeded: :raises BadDays: :raises AwardedAlready:
    """
    days = (award.until_day - award.from_day).days
    if not 0 <= days <= 5 * 366:
        raise BadDays
    scheme = in_force(versions, award.from_day)
    if scheme is None or not scheme.terms.awarded or not scheme.terms.running:
        raise NotAwarded(award.scheme_code)
    terms = scheme.terms
    if (field := why_not(terms, elder, award.from_day)) is not None:
        raise NotEntitled(field, field=field)
    if award.monthly_fen is None and terms.monthly_fen is None and terms.unit_fen is None and terms.percent is None:
        raise AmountNeeded
    for other in others:
        same = other.scheme_code == award.scheme_code and other.id != award.id
        if same and max(award.from_day, other.from_day) <= min(award.until_day, other.until_day):
            raise AwardedAlready(award_id=str(other.id))
