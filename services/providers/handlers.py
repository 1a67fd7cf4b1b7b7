"""What can happen to a provider. The caller owns the transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg.errors import ForeignKeyViolation, UniqueViolation

from services.accounts.model import Caller, Scope
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed, made_before
from services.db.pool import Connection
from services.errors import NotFound, check_version
from services.providers import rules, telling
from services.providers.model import Provider, ProviderMove
from services.providers.store import ProviderStore

ADMITTED = "准入登记"
"""Reason of the first entry of every history."""


async def admit_provider(tx: Connection, provider: Provider, *, scope: Scope, filed: Filed | None = None) -> UUID:
    """Returns the provider's id: that of the first time, when this very request has been filed before.

    :raises NotYourRegion: :raises LicenceTaken: :raises KeyReused:
    """
    if filed and (before := await made_before(tx, filed, provider.id)):
        return before
    rules.check_regions(provider.region_codes, scope)
    store = ProviderStore(tx)
    try:
        added = await store.add(provider)
    except ForeignKeyViolation:
        raise rules.NotYourRegion from None
    if not added:
        raise await _licence_taken(store, provider.licence_number, scope)
    await store.note_move(provider, ProviderMove.ADMIT, reason=ADMITTED, by=filed.by if filed else None)
    return provider.id


async def change_provider(
    tx: Connection, provider_id: UUID, changes: Mapping[str, Any], *, version: int | None, by: Caller
) -> None:
    """:param changes: fields of `Provider`; :param version: as it was read

    :raises NotFound: :raises StaleVersion: :raises OnlyPhone: :raises WiderThanYours: :raises NotYourRegion:
    :raises LicenceTaken:
    """
    store = ProviderStore(tx)
    before = await _to_edit(store, provider_id, by.scope)
    if by.may(Permission.PROVIDERS_WRITE):
        rules.check_may_decide(before.region_codes, by.scope)
    else:
        rules.check_own_change(changes)
    check_version(before.version, version)
    after = replace(before, **changes)
    if after == before:
        return
    if "region_codes" in changes:
        rules.check_regions(after.region_codes, by.scope)
    if await store.having(after.licence_number) not in (None, provider_id):
        raise await _licence_taken(store, after.licence_number, by.scope)
    try:
        await store.change(replace(after, version=before.version + 1))
    except ForeignKeyViolation:
        raise rules.NotYourRegion from None
    except UniqueViolation:  # registered since we looked
        raise rules.LicenceTaken from None
    if after.region_codes != before.region_codes:
        await telling.provider_changed(tx, provider_id, before.region_codes + after.region_codes, "profile")


async def move_provider(tx: Connection, provider_id: UUID, move: ProviderMove, *, reason: str, by: Caller) -> None:
    """:raises NotFound: :raises WiderThanYours: :raises IllegalMove:"""
    store = ProviderStore(tx)
    before = await _to_edit(store, provider_id, by.scope)
    rules.check_may_decide(before.region_codes, by.scope)
    after = before.after(move)
    await store.change(after)
    await store.note_move(after, move, reason=reason, by=by.id)
    await telling.provider_changed(tx, provider_id, after.region_codes, "state")


async def to_decide_about(tx: Connection, provider_id: UUID, by: Caller) -> Provider:
    """As it is now, for who may write what is the provider's: itself, or who answers for all its regions. Nobody else
    does so until the transaction ends. :raises NotFound: :raises WiderThanYours:"""
    provider = await _to_edit(ProviderStore(tx), provider_id, by.scope)
    if by.scope.provider_id is None:
        rules.check_may_decide(provider.region_codes, by.scope)
    return provider


async def _to_edit(store: ProviderStore, provider_id: UUID, scope: Scope) -> Provider:
    provider = await store.get(provider_id, scope, to_edit=True)
    if provider is None:
        raise NotFound
    return provider


async def _licence_taken(store: ProviderStore, licence_number: str, scope: Scope) -> rules.LicenceTaken:
    holder = await store.having(licence_number)
    known = holder is not None and await store.get(holder, scope) is not None
    return rules.LicenceTaken(**({"provider_id": str(holder)} if known else {}))
