"""What can happen to schemes and to awards. The caller owns the transaction."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.accounts import audit
from services.accounts.model import Caller
from services.accounts.store_requests import Filed, made_before
from services.catalogue import rules as catalogue
from services.catalogue.subsidies import rules
from services.catalogue.subsidies.forms import SchemeTermsForm
from services.catalogue.subsidies.model import Award, SchemeTerms, SchemeVersion
from services.catalogue.subsidies.store import SubsidyStore
from services.db.pool import Connection
from services.elders.store import ElderStore
from services.elders.store_regions import RegionStore
from services.errors import DomainError, NotFound, StaleVersion, check_version


class UnknownRegions(DomainError):
    """`region_codes` are those that are not the caller's, or nowhere."""

    code = "subsidies.unknown_regions"
    status = 422
    title = "These regions are not known, or not yours: choose from the list"


async def set_scheme(
    tx: Connection, code: str, terms: SchemeTerms, *, valid_from: date, version: int | None, today: date, by: Caller
) -> None:
    """Also for a new scheme. What it was before is kept in the audit, too.

    :param version: the newest that was read, 0 for a new scheme

    :raises CityOnly: :raises BeforeToday: :raises UnknownRegions: :raises StaleVersion:
    """
    catalogue.check_city(by.scope)
    catalogue.check_valid_from(valid_from, today)
    known_regions = await RegionStore(tx).names(terms.region_codes)
    outside = [one for one in terms.region_codes if one not in known_regions or not by.scope.holds([one])]
    if outside:
        raise UnknownRegions(", ".join(outside), region_codes=outside)
    store = SubsidyStore(tx)
    known = (await store.schemes(code)).get(code, [])
    newest = catalogue.newest(known)
    check_version(newest, version)
    if known and (known[-1].valid_from, known[-1].terms) == (valid_from, terms):
        return
    scheme = SchemeVersion(code=code, version=newest + 1, valid_from=valid_from, terms=terms)
    if not await store.add_scheme(scheme, by=by.id):
        raise StaleVersion(version=newest + 1)
    was = SchemeTermsForm.of(known[-1].terms).model_dump(mode="json") if known else None
    now = SchemeTermsForm.of(terms).model_dump(mode="json")
    await audit.record(
        tx, actor_id=by.id, action="scheme.set", subject_type="scheme", subject_id=code,
        valid_from=valid_from.isoformat(), was=was, now=now,
    )  # fmt: skip


async def award(tx: Connection, award: Award, *, by: Caller, filed: Filed) -> UUID:
    """Holds for orders that are made from now on; what was ordered keeps what was said.

    :raises NotFound: :raises NotAwarded: :raises NotEntitled: :raises AmountNeeded: :raises BadDays:
    :raises AwardedAlready: :raises KeyReused:
    """
    if before := await made_before(tx, filed, award.id):
        return before
    elder = await ElderStore(tx, None).get(award.elder_id, by.scope, to_edit=True)
    if elder is None:
        raise NotFound
    store = SubsidyStore(tx)
    versions = (await store.schemes(award.scheme_code)).get(award.scheme_code, [])
    rules.check_award(award, versions, elder, await store.awards(elder.id))
    await store.add_award(award, by=by.id)
    return award.id


async def end_award(
    tx: Connection, elder_id: UUID, award_id: UUID, last_day: date, reason: str, *,
    version: int | None, today: date, by: Caller,
) -> None:  # fmt: skip
    """Earlier than it was to; what was ordered keeps what was said.

    :raises NotFound: :raises StaleVersion: :raises BeforeToday: :raises AwardOver:
    """
    elder = await ElderStore(tx, None).get(elder_id, by.scope, to_edit=True)
    known = await SubsidyStore(tx).awards(elder_id) if elder else []
    before = next((one for one in known if one.id == award_id), None)
    if before is None:
        raise NotFound
    check_version(before.version, version)
    catalogue.check_valid_from(last_day + timedelta(days=1), today)
    if last_day >= before.until_day:
        raise rules.AwardOver
    last = max(last_day, before.from_day - timedelta(days=1))
    await SubsidyStore(tx).change_award(replace(before, until_day=last, reason=reason, version=before.version + 1))
