"""What can happen to elders and their devices. The caller owns the transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.errors import UniqueViolation

from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.db.pool import Connection
from services.elders import credentials, rules
from services.elders.identity import IdentityNumber, parse
from services.elders.life.model import Life
from services.elders.life.store import LifeStore
from services.elders.model import Contact, ContactDraft, Device, DeviceKind, Elder
from services.elders.moving import Follow, MovedHouse
from services.elders.store import ElderStore, Filed
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import RegionStore
from services.elders.vault import Vault
from services.errors import KeyReused, NotFound
from services.photos.model import Photo
from services.photos.store import PhotoStore

RevealField = Literal["identity_number", "phone", "contacts"]
EVERYWHERE = Scope(region_codes=("",))
"""The scope of the command line: it may see every row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything stored about one elder, unmasked. Masking happens where it is shown."""

    elder: Elder
    identity_number: str | None
    contacts: list[Contact]
    devices: list[Device]
    region_names: list[str]
    life: Life


async def dossier(tx: Connection, vault: Vault, elder_id: UUID, scope: Scope) -> Dossier:
    """:raises NotFound: also for an elder outside the scope."""
    store = ElderStore(tx, vault)
    elder = await store.get(elder_id, scope)
    if elder is None:
        raise NotFound
    codes = rules.region_and_above(elder.region_code)
    names = await RegionStore(tx).names(codes)
    return Dossier(
        elder=elder,
        identity_number=await store.identity_number(elder_id),
        contacts=await store.contacts(elder_id),
        devices=await DeviceStore(tx).of_elders([elder_id]),
        region_names=[names[code] for code in codes if code in names],
        life=await LifeStore(tx).get(elder_id),
    )


async def reveal(
    tx: Connection, vault: Vault, elder_id: UUID, *, fields: Sequence[RevealField], reason: str, by: Caller
) -> Dossier:
    """Who looked, at what, and why, is kept before anything is shown.

    :raises NotFound: :raises ReasonNeeded:
    """
    reason = rules.checked_reason(reason)
    found = await dossier(tx, vault, elder_id, by.scope)
    await audit.record(
        tx,
        actor_id=by.id,
        action="elder.revealed",
        subject_type="elders",
        subject_id=str(elder_id),
        fields=sorted(set(fields)),
        reason=reason,
    )
    return found


async def add_elder(
    tx: Connection,
    vault: Vault,
    elder: Elder,
    *,
    number: IdentityNumber | None,
    contacts: Sequence[Contact],
    scope: Scope = EVERYWHERE,
    filed: Filed | None = None,
) -> UUID:
    """Returns the elder's id: that of the first time, when this very request has been filed before.

    :raises IdentityDisagrees: :raises IdentityTaken: :raises KeyReused: :raises NotYourRegion:
    """
    store = ElderStore(tx, vault)
    if (before := await _filed_before(store, filed)) is not None:
        return before
    await _check_region(tx, elder.region_code, scope)
    if number is not None:
        rules.check_agrees(elder, number)
    if await store.add(elder, number, filed=filed):
        await store.add_contacts(elder.id, contacts)
        return elder.id
    if (before := await _filed_before(store, filed)) is not None:  # the same request, a moment ago
        return before
    raise await _identity_taken(store, number, scope)


async def _filed_before(store: ElderStore, filed: Filed | None) -> UUID | None:
    if filed is None or filed.key is None:
        return None
    before = await store.registered(filed.by, filed.key)
    if before is not None and before[1] != filed.digest:
        raise KeyReused
    return before[0] if before else None


async def _check_region(tx: Connection, code: str, scope: Scope) -> None:
    if not scope.covers(region_code=code, elder_id=None) or not await RegionStore(tx).names([code]):
        raise rules.NotYourRegion(code)


async def _identity_taken(store: ElderStore, number: IdentityNumber | None, scope: Scope) -> rules.IdentityTaken:
    holder = await store.having(number) if number else None
    known = holder is not None and await store.get(holder, scope) is not None
    return rules.IdentityTaken(**({"elder_id": str(holder)} if known else {}))


async def change_elder(
    tx: Connection,
    vault: Vault,
    elder_id: UUID,
    changes: Mapping[str, Any],
    *,
    number: IdentityNumber | None,
    version: int | None,
    by: Caller,
    now: datetime,
    follow: Follow,
) -> None:
    """:param changes: fields of `Elder`; :param number: None: the one there is stays; :param version: as it was read

    :raises NotFound: :raises StaleVersion: :raises IdentityDisagrees: :raises IdentityTaken: :raises NotYourRegion:
    """
    store, scope = ElderStore(tx, vault), by.scope
    before = await to_edit(tx, vault, elder_id, version=version, scope=scope)
    after = replace(before, **changes)
    if after == before and number is None:
        return
    if after.region_code != before.region_code:
        await _check_region(tx, after.region_code, scope)
    if number is not None:
        rules.check_agrees(after, number)
        if await store.having(number) not in (None, elder_id):
            raise await _identity_taken(store, number, scope)
    elif (after.sex, after.birth_date) != (before.sex, before.birth_date):
        await _check_still_agrees(store, after)
    try:
        await store.change(after, number)
    except UniqueViolation:  # registered since we looked
        raise rules.IdentityTaken from None
    if (after.location, after.region_code) != (before.location, before.region_code):
        await follow(tx, MovedHouse(before=before, after=after, by=by, now=now))


async def _check_still_agrees(store: ElderStore, elder: Elder) -> None:
    sealed = await store.identity_number(elder.id)
    if sealed is not None:
        rules.check_agrees(elder, parse(sealed, today=date.max))


async def to_edit(tx: Connection, vault: Vault, elder_id: UUID, *, version: int | None, scope: Scope) -> Elder:
    """As it is now; nobody else edits it until the transaction ends. :raises NotFound: :raises StaleVersion:"""
    elder = await ElderStore(tx, vault).get(elder_id, scope, to_edit=True)
    if elder is None:
        raise NotFound
    rules.check_version(elder, version)
    return elder


async def set_photo(
    tx: Connection, vault: Vault, elder_id: UUID, photo: Photo | None, *, version: int | None, scope: Scope
) -> None:
    """:param photo: None: there is none any more. :raises NotFound: :raises StaleVersion:"""
    before = await to_edit(tx, vault, elder_id, version=version, scope=scope)
    digest = photo.digest if photo else None
    if digest == before.photo_digest:
        return
    await PhotoStore(tx, "elder").set(elder_id, photo)
    await ElderStore(tx, vault).change(replace(before, photo_digest=digest), None)


async def set_contacts(
    tx: Connection, vault: Vault, elder_id: UUID, drafts: Sequence[ContactDraft], *, version: int | None, scope: Scope
) -> None:
    """The whole list, in the order they are called. :raises NotFound: :raises StaleVersion: :raises BadContact:"""
    store = ElderStore(tx, vault)
    await to_edit(tx, vault, elder_id, version=version, scope=scope)
    known = await store.contacts(elder_id)
    contacts = rules.contacts_in_order(drafts, known)
    if contacts != known:
        await store.replace_contacts(elder_id, contacts)


async def provision_device(
    tx: Connection, device_id: str, *, model: str, kind: DeviceKind, interval_seconds: int = 600
) -> str:
    """Returns the device's password: it can be shown now and never again.

    :raises DeviceTaken: :raises BadDeviceId:
    """
    rules.check_device_id(device_id)
    secret = credentials.new_secret()
    hashed = credentials.hash_secret(secret)
    added = await DeviceStore(tx).add(
        device_id, model=model, kind=kind, interval_seconds=interval_seconds, credential_hash=hashed
    )
    if not added:
        raise rules.DeviceTaken(f"{device_id} is provisioned; to give it a new password, renew its credential")
    return secret


async def renew_credential(tx: Connection, device_id: str) -> str:
    """A new password, for a revoked device too; the old one opens nothing once the broker has read its file again.

    :raises NotFound:
    """
    secret = credentials.new_secret()
    if not await DeviceStore(tx).set_credential(device_id, credentials.hash_secret(secret)):
        raise NotFound(f"there is no device {device_id}")
    return secret


async def bind_device(tx: Connection, device_id: str, elder_id: UUID, *, scope: Scope, move: bool = False) -> Device:
    """From now on its alarms are this elder's; open cases stay whose they are, and the history says who had it before.

    :param move: take it from another elder who carries it
    :raises NotFound: :raises UnknownDevice: :raises DeviceBound:
    """
    store = DeviceStore(tx)
    if not await store.may_be_bound_to(elder_id, scope):
        raise NotFound
    device = await _locked(store, device_id, scope)
    if device.elder_id != elder_id:
        if device.elder_id is not None and not move:
            carried = f"elder {device.elder_id} carries {device_id}: unbind it first, or ask for it to be moved"
            raise rules.DeviceBound(carried, elder_id=str(device.elder_id))
        await store.unbind(device_id)
        await store.bind(device_id, elder_id)
    return await _locked(store, device_id, scope)


async def unbind_device(tx: Connection, device_id: str, *, scope: Scope, elder_id: UUID | None = None) -> None:
    """:param elder_id: who must be carrying it; None: whoever does

    :raises NotFound: also when nobody does. :raises UnknownDevice:
    """
    store = DeviceStore(tx)
    if elder_id is not None and not await store.may_be_bound_to(elder_id, scope):
        raise NotFound
    device = await _locked(store, device_id, scope)
    if device.elder_id is None or elder_id not in (None, device.elder_id):
        raise NotFound
    await store.unbind(device_id)


async def _locked(store: DeviceStore, device_id: str, scope: Scope) -> Device:
    found = await store.lock(device_id) and await store.in_scope(device_id, scope)
    device = await store.get(device_id) if found else None
    if device is None:
        raise rules.UnknownDevice
    return device


async def revoke_device(tx: Connection, device_id: str, *, scope: Scope) -> None:
    """Lost, stolen or broken: nobody carries it, and its credential opens nothing until it is renewed.

    :raises UnknownDevice: also when it was revoked before
    """
    store = DeviceStore(tx)
    await _locked(store, device_id, scope)
    await store.unbind(device_id)
    await store.retire(device_id)


async def list_devices(tx: Connection) -> list[Device]:
    return await DeviceStore(tx).all()


async def device_password_hashes(tx: Connection) -> dict[str, str]:
    """Device id → `$7$…`: the broker's password file, one line each."""
    return await DeviceStore(tx).credential_hashes()
