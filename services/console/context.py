"""What the operator sees beside a case: the person, the latest vitals, the cases before, the device."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from contracts.alarm_case import CaseView
from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.accounts.permissions import Permission
from services.alarms.model import AlarmCase, AlarmState
from services.alarms.sos import worker_of
from services.alarms.store_queue import QueueStore, Wanted
from services.business_day import business_day
from services.db.pool import Connection
from services.elders.handlers import dossier
from services.elders.store_devices import DeviceStore
from services.elders.vault import Vault
from services.elders.views import DeviceView, Profile
from services.errors import NotFound
from services.orders.store_lists import whereabouts
from services.people import masked_phone
from services.providers.store import ProviderStore
from services.providers.workers.store import WorkerStore
from services.response.store_runs import RunStore
from services.response.views import CaseEscalation, RunView
from services.telemetry.handlers import LatestVital, device_latest, elder_latest

LAST_CASES = 5
SHOWN = "alarms.contacts_shown"
_EVERYWHERE = Scope(("",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    elder: Profile | None
    """None: the device is bound to nobody, or the elder is no longer the caller's to see."""
    latest_vitals: list[LatestVital]
    last_cases: list[CaseView]
    device: DeviceView | None
    worker: "WorkerInNeed | None"
    """Whose phone it is, where a worker calls for help."""
    phones_shown: bool
    """The caller holds the case, so the numbers are included; the audit records that they were shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerInNeed:
    id: UUID
    name: str
    phone: str | None
    """Where the caller holds the case."""
    phone_masked: str
    provider_name: str
    provider_phone: str
    visits: str | None
    """The elder with whom this worker is now, or should be within the hour."""
    address: str | None
    """Of that elder."""


async def of_case(tx: Connection, vault: Vault, case_id: UUID, *, caller: Caller, now: datetime) -> Context:
    """:raises CaseNotFound:"""
    queue = QueueStore(tx, caller.scope)
    case = await queue.find(case_id)
    holds = case.held_by(caller.id)
    device = await DeviceStore(tx).get(case.device_id)
    worker = await _worker(tx, case, caller=caller, now=now, unmask=holds)
    return Context(
        elder=await _profile(tx, vault, case, caller=caller, now=now, unmask=holds),
        latest_vitals=await _vitals(tx, case, caller=caller, now=now),
        last_cases=await _last(queue, case),
        device=DeviceView.of(device) if device else None,
        worker=worker,
        phones_shown=holds and (case.elder is not None or worker is not None),
    )


async def escalation_of(tx: Connection, case_id: UUID, *, caller: Caller) -> CaseEscalation:
    """:raises CaseNotFound:"""
    await QueueStore(tx, caller.scope).find(case_id)
    store = RunStore(tx)
    kept = await store.find(case_id)
    return CaseEscalation(run=RunView.of(kept, await store.log(case_id)) if kept else None)


async def _worker(
    tx: Connection, case: AlarmCase, *, caller: Caller, now: datetime, unmask: bool
) -> WorkerInNeed | None:
    worker_id = worker_of(case.device_id)
    # Such a call is seen by everybody on duty, wherever the worker serves; so is what is needed to answer it.
    worker = await WorkerStore(tx).get(worker_id, _EVERYWHERE) if worker_id else None
    if worker is None:
        return None
    provider = await ProviderStore(tx).get(worker.provider_id, _EVERYWHERE)
    if unmask:
        await _audit_once_a_claim(tx, case, caller)
    visits, address = await whereabouts(tx, worker.id, now) or (None, None)
    return WorkerInNeed(
        id=worker.id,
        name=worker.name,
        phone=worker.phone if unmask else None,
        phone_masked=masked_phone(worker.phone),
        provider_name=provider.name if provider else "",
        provider_phone=provider.phone if provider else "",
        visits=visits,
        address=address,
    )


async def _profile(
    tx: Connection, vault: Vault, case: AlarmCase, *, caller: Caller, now: datetime, unmask: bool
) -> Profile | None:
    if case.elder is None:
        return None
    try:
        found = await dossier(tx, vault, case.elder.id, caller.scope_of(Permission.ELDERS_READ))
    except NotFound:
        return None
    if unmask:
        await _audit_once_a_claim(tx, case, caller)
    return Profile.of(found, today=business_day(now), unmask_phones=unmask)


async def _audit_once_a_claim(tx: Connection, case: AlarmCase, caller: Caller) -> None:
    shown, kind, subject = SHOWN, "alarm_cases", str(case.id)
    if case.claimed_at is None or not await audit.recorded_since(
        tx, case.claimed_at, actor_id=caller.id, action=shown, subject_type=kind, subject_id=subject
    ):
        await audit.record(tx, actor_id=caller.id, action=shown, subject_type=kind, subject_id=subject)


async def _vitals(tx: Connection, case: AlarmCase, *, caller: Caller, now: datetime) -> list[LatestVital]:
    scope = caller.scope_of(Permission.VITALS_READ)
    try:
        if case.elder is not None:
            return await elder_latest(tx, case.elder.id, scope=scope, now=now)
        return await device_latest(tx, case.device_id, scope=scope, now=now)
    except NotFound:
        return []


async def _last(queue: QueueStore, case: AlarmCase) -> list[CaseView]:
    """The latest others of this elder, or of this device."""
    elder_id = case.elder.id if case.elder else None
    wanted = Wanted(
        states=tuple(AlarmState), worklist=None, elder_id=elder_id, device_id=None if elder_id else case.device_id
    )
    found = await queue.newest(wanted, after=None, limit=LAST_CASES + 1)
    return [other.view() for other in found if other.id != case.id][:LAST_CASES]
