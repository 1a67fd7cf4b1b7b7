"""A day under way in the demo city: services ordered by telephone for today and the next days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from services.accounts.model import Scope
from services.accounts.store import AccountStore
from services.accounts.store_requests import Filed
from services.business_day import business_day
from services.catalogue.booking import Window, windows
from services.catalogue.model import ServiceVersion
from services.catalogue.store import CatalogueStore
from services.db.pool import Connection, Database
from services.elders.handlers import EVERYWHERE
from services.elders.model import Elder
from services.elders.store import ElderStore
from services.elders.vault import Vault
from services.orders.draft import Wish
from services.orders.model import Actor
from services.orders.placing import place
from services.orders.refusals import NotTaken
from services.providers.model import Provider

DAYS = 3
A_DAY = 4
"""Orders of a provider: what its staff of three can do beside their other work."""

SERVICES = ("cleaning_home", "laundry", "shopping_errand", "companionship_visit", "mobility_escort")
MOST_ELDERS = 200
_STEP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Call:
    key: str
    wish: Wish


async def take_calls(db: Database, vault: Vault, providers: Sequence[Provider], *, taken_by: str, now: datetime) -> int:
    """Returns how many of these orders there are. Done again it adds none twice; what an elder may not have is left
    out."""
    placed = 0
    async with db.transaction() as tx:
        operator = await _operator(tx, taken_by)
        hours = {code: await CatalogueStore(tx).versions(code) for code in SERVICES}
    for provider in providers:
        async with db.transaction() as tx:
            elders = await ElderStore(tx, vault).page(
                Scope(provider.region_codes), query=None, region=None, after=None, limit=MOST_ELDERS
            )
        for call in _calls(provider, elders, hours, now) if elders else ():
            placed += await _taken(db, vault, call, operator, now)
    return placed


def _calls(
    provider: Provider, elders: Sequence[Elder], hours: Mapping[str, Sequence[ServiceVersion]], now: datetime
) -> Iterator[_Call]:
    today = business_day(now)
    for day in (today + timedelta(days=n) for n in range(DAYS)):
        for number in range(A_DAY):
            key = f"demo {provider.licence_number} {day} {number}"
            random = Random(key)
            code = random.choice(SERVICES)
            moments = [at for window in windows(hours[code], day, now) for at in _moments(window)]
            if moments:
                wish = Wish(
                    elder_id=random.choice(elders).id,
                    provider_id=provider.id,
                    service_code=code,
                    wished_from=random.choice(moments),
                )
                yield _Call(key, wish)


def _moments(window: Window) -> Iterator[datetime]:
    at = window.begin
    while at < window.end:
        yield at
        at += _STEP


async def _taken(db: Database, vault: Vault, call: _Call, operator: Actor, now: datetime) -> bool:
    filed = Filed(by=operator.id, key=call.key, digest=call.key.encode())
    try:
        async with db.transaction(actor=operator.id) as tx:
            await place(tx, vault, call.wish, by=operator, scope=EVERYWHERE, now=now, filed=filed)
    except NotTaken:
        return False
    return True


async def _operator(tx: Connection, username: str) -> Actor:
    known = await AccountStore(tx).to_sign_in(username)
    assert known is not None
    account, _ = known
    return Actor(id=account.id, name=account.name, role=account.role)
