"""What can happen to a worker. The caller owns the transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from services.accounts import audit
from services.accounts.model import Caller, Scope
from services.accounts.store_requests import Filed, made_before
from services.db import clock
from services.db.pool import Connection
from services.errors import NotFound, check_version
from services.photos.model import Photo
from services.photos.store import PhotoStore
from services.providers import store_times, telling
from services.providers.model import Provider
from services.providers.store import ProviderStore
from services.providers.workers import rules
from services.providers.workers.model import Worker, WorkerMove
from services.providers.workers.store import WorkerStore


async def hire(tx: Connection, worker: Worker, *, scope: Scope, filed: Filed | None = None) -> UUID:
    """Returns the worker's id: that of the first time, when this very request has been filed before.

    :raises NotFound: of the provider :raises BadWorker: :raises AreaOutside: :raises UnknownElder: :raises PhoneTaken:
    :raises KeyReused:
    """
    if filed and (before := await made_before(tx, filed, worker.id)):
        return before
    await _check(tx, worker, scope)
    store = WorkerStore(tx)
    if not await store.add(worker):
        raise await _phone_taken(store, worker)
    await telling.worker_changed(tx, worker, "profile")
    return worker.id


async def change_worker(
    tx: Connection, worker_id: UUID, changes: Mapping[str, Any], *, version: int | None, scope: Scope
) -> None:
    """:param changes: fields of `Worker`; :param version: as it was read

    :raises NotFound: :raises StaleVersion: :raises BadWorker: :raises AreaOutside: :raises UnknownElder:
    :raises PhoneTaken:
    """
    before = await to_edit(tx, worker_id, scope)
    check_version(before.version, version)
    after = replace(before, **changes)
    if after == before:
        return
    await _check(tx, after, scope)
    store = WorkerStore(tx)
    if await store.having(after.provider_id, after.phone) not in (None, worker_id):
        raise await _phone_taken(store, after)
    try:
        await store.change(replace(after, version=before.version + 1))
    except UniqueViolation:  # taken since we looked
        raise rules.PhoneTaken from None
    if before.areas != after.areas:
        await telling.worker_changed(tx, before, "profile")
    await telling.worker_changed(tx, after, "profile")


async def set_photo(
    tx: Connection, worker_id: UUID, photo: Photo | None, *, version: int | None, scope: Scope
) -> Worker:
    """:param photo: None: there is none any more. :raises NotFound: :raises StaleVersion:"""
    before = await to_edit(tx, worker_id, scope)
    check_version(before.version, version)
    digest = photo.digest if photo else None
    if digest == before.photo_digest:
        return before
    after = replace(before, photo_digest=digest, version=before.version + 1)
    await PhotoStore(tx, "worker").set(worker_id, photo)
    await WorkerStore(tx).change(after)
    return after


async def move_worker(tx: Connection, worker_id: UUID, move: WorkerMove, *, reason: str, by: Caller) -> None:
    """Who leaves has no visits any more, and orders hear of it. :raises NotFound: :raises IllegalMove:"""
    after = (await to_edit(tx, worker_id, by.scope)).after(move)
    await WorkerStore(tx).change(after)
    gone = move is WorkerMove.LEAVE
    released = await store_times.release_visits(tx, worker_id, await clock.now(tx), None) if gone else []
    await telling.worker_changed(tx, after, "state", released=released)
    await _note(tx, worker_id, f"worker.{move}", by, reason)


async def reveal_phone(tx: Connection, worker_id: UUID, *, reason: str, by: Caller) -> str:
    """Who looked and why is kept before anything is shown. :raises NotFound:"""
    worker = await WorkerStore(tx).get(worker_id, by.scope)
    if worker is None:
        raise NotFound
    await _note(tx, worker_id, "worker.revealed", by, reason)
    return worker.phone


async def to_edit(tx: Connection, worker_id: UUID, scope: Scope) -> Worker:
    """As it is now; nobody else edits it until the transaction ends. :raises NotFound:"""
    worker = await WorkerStore(tx).get(worker_id, scope, to_edit=True)
    if worker is None:
        raise NotFound
    return worker


async def _check(tx: Connection, worker: Worker, scope: Scope) -> None:
    provider = await _provider(tx, worker.provider_id, scope)
    rules.check(worker, provider.region_codes)
    if worker.elder_ids and await WorkerStore(tx).elders_outside(worker.elder_ids, provider.region_codes):
        raise rules.UnknownElder


async def _provider(tx: Connection, provider_id: UUID, scope: Scope) -> Provider:
    provider = await ProviderStore(tx).get(provider_id, scope)
    if provider is None:
        raise NotFound
    return provider


async def _phone_taken(store: WorkerStore, worker: Worker) -> rules.PhoneTaken:
    return rules.PhoneTaken(worker_id=str(await store.having(worker.provider_id, worker.phone)))


async def _note(tx: Connection, worker_id: UUID, action: str, by: Caller, reason: str) -> None:
    subject = str(worker_id)
    await audit.record(tx, actor_id=by.id, action=action, subject_type="workers", subject_id=subject, reason=reason)
