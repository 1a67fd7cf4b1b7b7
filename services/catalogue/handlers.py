"""What can happen to the catalogue and to offers: a version is added. The caller owns the transaction."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from services.accounts.model import Caller
from services.catalogue import rules
from services.catalogue.model import OfferVersion, ServiceTerms, ServiceVersion
from services.catalogue.store import CatalogueStore
from services.catalogue.store_offers import OfferStore
from services.db.pool import Connection
from services.elders.store_regions import RegionStore
from services.errors import NotFound, StaleVersion, check_version
from services.providers.handlers import to_decide_about


async def set_service(
    tx: Connection, code: str, terms: ServiceTerms, *, valid_from: date, version: int | None, today: date, by: Caller
) -> None:
    """Also for a new service. :param version: the newest that was read, 0 for a new service

    :raises CityOnly: :raises BeforeToday: :raises StaleVersion: :raises UnknownCategory:
    """
    rules.check_city(by.scope)
    rules.check_valid_from(valid_from, today)
    store = CatalogueStore(tx)
    known = await store.versions(code)
    newest = rules.newest(known)
    check_version(newest, version)
    if known and (known[-1].valid_from, known[-1].terms) == (valid_from, terms):
        return
    service = ServiceVersion(code=code, version=newest + 1, valid_from=valid_from, terms=terms)
    if not await store.add(service, by=by.id):
        raise StaleVersion(version=newest + 1)


async def set_offer(tx: Connection, offer: OfferVersion, *, version: int | None, today: date, by: Caller) -> None:
    """:param offer: its own `version` is not looked at; :param version: the newest that was read, 0 for a new offer

    :raises NotFound: :raises WiderThanYours: :raises BeforeToday: :raises StaleVersion: :raises NotSold:
    :raises AboveCeiling: :raises OutsideProvider:
    """
    provider = await to_decide_about(tx, offer.provider_id, by)
    services = await CatalogueStore(tx).versions(offer.service_code)
    if not services:
        raise NotFound(f"there is no service {offer.service_code}")
    rules.check_valid_from(offer.valid_from, today)
    unknown = set(offer.region_codes) - set(await RegionStore(tx).names(offer.region_codes))
    if unknown:
        raise rules.OutsideProvider(", ".join(sorted(unknown)), region_codes=sorted(unknown))
    rules.check_offer(offer, services, provider.region_codes)
    await _add(tx, offer, version=version, by=by)


async def withdraw_offer(
    tx: Connection, provider_id: UUID, code: str, *, valid_from: date, version: int | None, today: date, by: Caller
) -> None:
    """From that day on. :raises NotFound: :raises WiderThanYours: :raises BeforeToday: :raises StaleVersion:"""
    await to_decide_about(tx, provider_id, by)
    known = await OfferStore(tx).of_providers([provider_id], code)
    if not known:
        raise NotFound
    rules.check_valid_from(valid_from, today)
    await _add(tx, replace(known[-1], valid_from=valid_from, withdrawn=True), version=version, by=by)


async def _add(tx: Connection, offer: OfferVersion, *, version: int | None, by: Caller) -> None:
    """Nothing, when it says the same as the newest. The provider's row is locked: nobody adds one meanwhile."""
    store = OfferStore(tx)
    known = await store.of_providers([offer.provider_id], offer.service_code)
    newest = rules.newest(known)
    check_version(newest, version)
    if known and replace(offer, version=newest) == known[-1]:
        return
    if not await store.add(replace(offer, version=newest + 1), by=by.id):
        raise StaleVersion(version=newest + 1)
