"""What pages are told of schemes and of awards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.catalogue.rules import in_force
from services.catalogue.subsidies.forms import SchemeTermsForm
from services.catalogue.subsidies.model import Award, SchemeVersion
from services.catalogue.views import Text
from services.elders.model import Elder
from services.elders.rules import age_on
from services.people import Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeView:
    code: str
    version: int
    valid_from: date
    terms: SchemeTermsForm

    @classmethod
    def of(cls, scheme: SchemeVersion) -> "SchemeView":
        return cls(
            code=scheme.code,
            version=scheme.version,
            valid_from=scheme.valid_from,
            terms=SchemeTermsForm.of(scheme.terms),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeHistory:
    code: str
    in_force: SchemeView | None
    """Today; None: not begun yet."""
    versions: list[SchemeView]
    """Newest first."""

    @classmethod
    def of(cls, versions: Sequence[SchemeVersion], today: date) -> "SchemeHistory":
        now = in_force(versions, today)
        return cls(
            code=versions[0].code,
            in_force=SchemeView.of(now) if now else None,
            versions=[SchemeView.of(one) for one in reversed(versions)],
        )


@dataclass(frozen=True, slots=True)
class SchemeList:
    items: list[SchemeHistory]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardView:
    id: UUID
    version: int
    scheme_code: str
    scheme_name: Text
    from_day: date
    until_day: date
    """The last one; the day before `from_day`: it never held."""
    monthly_fen: int | None
    """The most in a month; none: no such limit."""
    reason: str | None
    """None: only officials are told."""

    @classmethod
    def of(cls, award: Award, versions: Sequence[SchemeVersion], today: date, *, official: bool) -> "AwardView":
        scheme = in_force(versions, min(max(today, award.from_day), award.until_day))
        own, terms = award.monthly_fen, scheme.terms if scheme else None
        return cls(
            id=award.id,
            version=award.version,
            scheme_code=award.scheme_code,
            scheme_name=Text.of(terms.name) if terms else Text(award.scheme_code, award.scheme_code),
            from_day=award.from_day,
            until_day=award.until_day,
            monthly_fen=terms.monthly_fen if terms and own is None else own,
            reason=award.reason if official else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardedView:
    """An award beside whose it is."""

    elder_id: UUID
    elder_name: str
    region_name: str
    award: AwardView


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardedPage:
    items: list[AwardedView]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView:
    """Enough to tell one from another of the same name."""

    id: UUID
    name: str
    sex: Sex
    age: int
    region_name: str
    address: str

    @classmethod
    def of(cls, elder: Elder, region_name: str, today: date) -> "CandidateView":
        return cls(
            id=elder.id,
            name=elder.name,
            sex=elder.sex,
            age=age_on(elder.birth_date, today),
            region_name=region_name,
            address=elder.address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateList:
    items: list[CandidateView]
    more: bool
    """Than these: say more of the name or the street."""


@dataclass(frozen=True, slots=True)
class AwardList:
    items: list[AwardView]


def histories(schemes: Mapping[str, Sequence[SchemeVersion]], today: date) -> list[SchemeHistory]:
    return [SchemeHistory.of(versions, today) for versions in schemes.values()]
