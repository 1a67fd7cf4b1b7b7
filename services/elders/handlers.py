"""What can happen to elders and their devices. The caller owns the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.db.pool import Connection
from services.elders import credentials, rules
from services.elders.identity import IdentityNumber
from services.elders.model import Contact, Device, DeviceKind, Elder
from services.elders.store import ElderStore
from services.elders.store_devices import DeviceStore
from services.elders.store_regions import RegionStore
from services.elders.vault import Vault
from services.errors import NotFound

RevealField = Literal["identity_number", "phone", "contacts"]
EVERYWHERE = Scope(region_codes=("",))
"""The platform itself, from the command line: no row is foreign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything kept of one elder, unmasked: what leaves the platform is decided where it is shown."""

    elder: Elder
    identity_number: str | None
    contacts: list[Contact]
    devices: list[Device]
    region_names: list[str]


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
    tx: Connection, vault: Vault, elder: Elder, *, number: IdentityNumber | None, contacts: Sequence[Contact]
) -> None:
    """:raises IdentityDisagrees:"""
    if number is not None:
        rules.check_agrees(elder, number)
    store = ElderStore(tx, vault)
    await store.add(elder, number)
    await store.add_contacts(elder.id, contacts)


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
    """A new password; the old one opens nothing once the broker has read its file again. :raises NotFound:"""
    secret = credentials.new_secret()
    if not await DeviceStore(tx).set_credential(device_id, credentials.hash_secret(secret)):
        raise NotFound(f"there is no device {device_id}")
    return secret


async def bind_device(tx: Connection, vault: Vault, device_id: str, elder_id: UUID, *, scope: Scope) -> None:
    """From now on its alarms are this elder's; who had it before stays in the history. :raises NotFound:"""
    store = DeviceStore(tx)
    if not await store.lock(device_id) or await ElderStore(tx, vault).get(elder_id, scope) is None:
        raise NotFound
    await store.unbind(device_id)
    await store.bind(device_id, elder_id)


async def unbind_device(tx: Connection, device_id: str) -> None:
    """:raises NotFound:"""
    store = DeviceStore(tx)
    if not await store.lock(device_id):
        raise NotFound
    await store.unbind(device_id)


async def list_devices(tx: Connection) -> list[Device]:
    return await DeviceStore(tx).all()


async def device_password_hashes(tx: Connection) -> dict[str, str]:
    """Device id → `$7$…`: the broker's password file, one line each."""
    return await DeviceStore(tx).credential_hashes()
