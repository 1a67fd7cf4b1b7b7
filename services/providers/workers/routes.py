"""Workers: list, get, hire, change, moves. A provider writes its own; a worker sees itself."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Query, Response

from services.accounts.conditions import IdempotencyKey, IfMatchNeeded, digest_of, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.store_requests import Filed
from services.business_day import business_day
from services.db.paging import cursor_of
from services.db.pool import Database
from services.db.text import StorableText
from services.errors import NotFound
from services.providers.routes import place_after
from services.providers.workers import handlers
from services.providers.workers.forms import Hiring, PhoneReveal, WorkerChange, WorkerMoveForm, worker_fields
from services.providers.workers.model import Worker, WorkerState
from services.providers.workers.store import WorkerStore
from services.providers.workers.views import EndingCertificate, RevealedPhone, WorkerPage, WorkerView

MOST_SHOWN = 1000
"""Workers with ending certificates in one answer."""


def worker_routes(db: Database, guard: Guard, now: Callable[[], datetime]) -> APIRouter:
    router = APIRouter(prefix="/workers", tags=["workers"])
    _reading(router, db, guard, now)
    _writing(router, db, guard)
    return router


async def _told(db: Database, response: Response, worker_id: UUID, caller: Caller) -> WorkerView:
    """The worker as it is now, and its version as ETag."""
    async with db.transaction() as tx:
        worker = await WorkerStore(tx).get(worker_id, caller.scope)
    if worker is None:
        raise NotFound
    response.headers.update(etag(worker.version))
    return WorkerView.of(worker)


def _reading(router: APIRouter, db: Database, guard: Guard, now: Callable[[], datetime]) -> None:
    @router.get("")
    async def list_workers(
        *,
        provider_id: UUID | None = None,
        query: Annotated[StorableText | None, Query(max_length=64)] = None,
        state: WorkerState | None = None,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        caller: Caller = guard.allows(Permission.WORKERS_READ),
    ) -> WorkerPage:
        """By name. `query`: a part of the name, or the code of a skill."""
        after = place_after(cursor) if cursor else None
        query = (query or "").strip() or None
        async with db.transaction() as tx:
            found = await WorkerStore(tx).page(
                caller.scope, provider_id=provider_id, query=query, state=state, after=after, limit=limit + 1
            )
        more, found = len(found) > limit, found[:limit]
        rows = [WorkerView.of(worker) for worker in found]
        return WorkerPage(rows, cursor_of(found[-1].name, str(found[-1].id)) if more else None)

    @router.get("/ending-certificates")
    async def list_ending_certificates(
        within_days: Annotated[int, Query(ge=0, le=366)] = 30,
        caller: Caller = guard.allows(Permission.WORKERS_READ),
    ) -> list[EndingCertificate]:
        """Of active workers: those that end within so many days, and those that have ended."""
        today = business_day(now())
        last = today + timedelta(days=within_days)
        async with db.transaction() as tx:
            workers = await WorkerStore(tx).with_certificates_until(last, caller.scope, limit=MOST_SHOWN)
        return EndingCertificate.all_of(workers, today=today, last=last)

    @router.get("/{worker_id}")
    async def get_worker(
        worker_id: UUID, response: Response, caller: Caller = guard.allows(Permission.WORKERS_READ)
    ) -> WorkerView:
        return await _told(db, response, worker_id, caller)

    @router.post("/{worker_id}/reveal-phone")
    async def reveal_phone(
        worker_id: UUID, body: PhoneReveal, caller: Caller = guard.allows(Permission.WORKERS_REVEAL)
    ) -> RevealedPhone:
        async with db.transaction(actor=caller.id) as tx:
            return RevealedPhone(await handlers.reveal_phone(tx, worker_id, reason=body.reason, by=caller))


def _writing(router: APIRouter, db: Database, guard: Guard) -> None:
    @router.post("", status_code=201)
    async def hire_worker(
        body: Annotated[Hiring, Body()],
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> WorkerView:
        """For the caller's provider. 409 names the `worker_id` of who has this phone number already."""
        if caller.scope.provider_id is None:
            raise NotFound
        fields = worker_fields(body)
        worker = Worker(id=uuid4(), provider_id=caller.scope.provider_id, **fields)
        filed = Filed(by=caller.id, key=idempotency_key, digest=digest_of("hire_worker", repr(sorted(fields.items()))))
        async with db.transaction(actor=caller.id) as tx:
            worker_id = await handlers.hire(tx, worker, scope=caller.scope, filed=filed)
        return await _told(db, response, worker_id, caller)

    @router.patch("/{worker_id}")
    async def change_worker(
        worker_id: UUID,
        body: Annotated[WorkerChange, Body()],
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> WorkerView:
        """What is not sent stays as it is; a list is sent whole. 412 names the current `version`."""
        version, changes = version_of(if_match), worker_fields(body)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.change_worker(tx, worker_id, changes, version=version, scope=caller.scope)
        return await _told(db, response, worker_id, caller)

    @router.post("/{worker_id}/moves")
    async def move_worker(
        worker_id: UUID,
        body: WorkerMoveForm,
        response: Response,
        caller: Caller = guard.allows(Permission.WORKERS_WRITE),
    ) -> WorkerView:
        """Leave for good, or return. 409 names the `state` from which the `move` is not possible."""
        async with db.transaction(actor=caller.id) as tx:
            await handlers.move_worker(tx, worker_id, body.move, reason=body.reason, by=caller)
        return await _told(db, response, worker_id, caller)
