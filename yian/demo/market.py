"""Who serves in the demo city and at what price: invented providers, every service of the catalogue."""

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from services.catalogue.model import OfferVersion, ServiceVersion
from services.catalogue.store import CatalogueStore, packaged
from services.catalogue.store_offers import OfferStore
from services.db.pool import Connection
from services.elders.handlers import EVERYWHERE
from services.providers.handlers import admit_provider
from services.providers.model import Provider
from services.providers.store import ProviderStore
from yian.demo.cooking import cook

SINCE = date(2026, 1, 1)
EVERYTHING: tuple[str, ...] = ()

_PROVIDERS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("银杏居家养老服务中心（演示）", ("420202", "420203", "420204", "420205"), EVERYTHING),
    ("磁湖助浴护理站（演示）", ("4202",), ("bathing", "nursing_care", "rehabilitation", "home_care_bed", "respite")),
    ("大冶桂花家政（演示）", ("420281",), EVERYTHING),
    ("阳新海棠互助养老（演示）", ("420222",), EVERYTHING),
    ("东方山健康服务（演示）", ("4202",), ("health_advice", "chronic_care", "medical_escort")),
)
"""Name, where it serves, and which categories; none: all."""


def provider_id(index: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"yian:demo:provider:{index}")


def providers() -> list[Provider]:
    return [
        Provider(
            id=provider_id(index),
            name=name,
            licence_number=f"DEMO-{index:04d}",
            licence_until=date(2099, 12, 31),
            phone=f"1010000{index:04d}",
            region_codes=regions,
        )
        for index, (name, regions, _) in enumerate(_PROVIDERS, start=1)
    ]


def offers(provider: Provider, categories: Sequence[str], services: Sequence[ServiceVersion]) -> Iterator[OfferVersion]:
    """Whole 元, at 80 to 100 % of the ceiling."""
    random = Random(provider.licence_number)
    for service in services:
        if not categories or service.terms.category in categories:
            ceiling = service.terms.ceiling_fen
            yield OfferVersion(
                provider_id=provider.id,
                service_code=service.code,
                version=1,
                valid_from=SINCE,
                price_fen=min(ceiling, round(ceiling * random.uniform(0.8, 1.0) / 100) * 100),
                region_codes=provider.region_codes,
            )


async def open_market(tx: Connection, today: date) -> int:
    """Loads the catalogue; returns how many providers are new. Who is there already is left as it is."""
    categories, services = packaged()
    await CatalogueStore(tx).load(categories, services)
    new = 0
    for provider, (_, _, served) in zip(providers(), _PROVIDERS, strict=True):
        if await ProviderStore(tx).get(provider.id, EVERYWHERE) is not None:
            continue
        await admit_provider(tx, provider, scope=EVERYWHERE)
        for offer in offers(provider, served, services):
            await OfferStore(tx).add(offer, by=None)
        new += 1
    await cook(tx, providers(), today)
    return new
