"""Registering elders, keeping their profiles, binding their devices: a supervisor's work, in his regions."""

import json
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Body, Response
from pydantic import TypeAdapter

from services.accounts.conditions import IdempotencyKey, IfMatchNeeded, etag, version_of
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.business_day import business_day
from services.db.pool import Database
from services.elders import handlers, rules
from services.elders.forms import Binding, ContactList, ElderChange, Registration, elder_fields
from services.elders.identity import IdentityNumber, parse
from services.elders.model import Elder
from services.elders.moving import Follow
from services.elders.routes_devices import DeviceId
from services.elders.store import Filed
from services.elders.vault import Vault
from services.elders.views import DeviceView, Profile

_REGISTRATION: TypeAdapter[Registration] = TypeAdapter(Registration)


Told = Callable[[Response, UUID, Caller], Awaitable[Profile]]


def telling(db: Database, vault: Vault, now: Callable[[], datetime]) -> Told:
    """How each change answers: with the profile as it is now, and its version as ETag."""

    async def told(response: Response, elder_id: UUID, caller: Caller) -> Profile:
        async with db.transaction() as tx:
            found = await handlers.dossier(tx, vault, elder_id, caller.scope)
        response.headers.update(etag(found.elder.version))
        return Profile.of(found, today=business_day(now()))

    return told


def registry_routes(
    db: Database, guard: Guard, vault: Vault, now: Callable[[], datetime], *, follow: Follow
) -> APIRouter:
    router = APIRouter(prefix="/elders", tags=["elders"])
    _profiles(router, db, guard, vault, now=now, follow=follow)
    _devices(router, db, guard)
    return router


def _profiles(
    router: APIRouter, db: Database, guard: Guard, vault: Vault, *, now: Callable[[], datetime], follow: Follow
) -> None:
    told = telling(db, vault, now)

    @router.post("", status_code=201)
    async def register_elder(
        body: Annotated[Registration, Body()],
        response: Response,
        idempotency_key: IdempotencyKey = None,
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Profile:
        """409 names the `elder_id` of who has this identity number already, if that elder is in your regions."""
        today = business_day(now())
        rules.check_birth_date(body["birth_date"], today)
        drafts = [form.draft() for form in body.get("contacts", [])]
        async with db.transaction(actor=caller.id) as tx:
            elder_id = await handlers.add_elder(
                tx,
                vault,
                Elder(id=uuid4(), **elder_fields(body)),
                number=_number(body, today),
                contacts=rules.contacts_in_order(drafts, []),
                scope=caller.scope,
                filed=Filed(by=caller.id, key=idempotency_key, digest=_digest(vault, body)),
            )
        return await told(response, elder_id, caller)

    @router.patch("/{elder_id}")
    async def change_elder(
        elder_id: UUID,
        body: Annotated[ElderChange, Body()],
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Profile:
        """What is not sent stays as it is; with another place on the map what is ordered goes there. 412 names the
        current `version`."""
        moment = now()
        today = business_day(moment)
        if "birth_date" in body:
            rules.check_birth_date(body["birth_date"], today)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.change_elder(
                tx,
                vault,
                elder_id,
                elder_fields(body),
                number=_number(body, today),
                version=version_of(if_match),
                by=caller,
                now=moment,
                follow=follow,
            )
        return await told(response, elder_id, caller)

    @router.put("/{elder_id}/contacts")
    async def set_contacts(
        elder_id: UUID,
        body: ContactList,
        response: Response,
        if_match: IfMatchNeeded,
        caller: Caller = guard.allows(Permission.ELDERS_WRITE),
    ) -> Profile:
        """The whole list; who is not in it is called no longer. 412 names the current `version` of the profile."""
        drafts, version = [form.draft() for form in body.contacts], version_of(if_match)
        async with db.transaction(actor=caller.id) as tx:
            await handlers.set_contacts(tx, vault, elder_id, drafts, version=version, scope=caller.scope)
        return await told(response, elder_id, caller)


def _devices(router: APIRouter, db: Database, guard: Guard) -> None:
    @router.post("/{elder_id}/devices")
    async def bind_device(
        elder_id: UUID, body: Binding, caller: Caller = guard.allows(Permission.ELDERS_WRITE)
    ) -> DeviceView:
        """Its alarms are this elder's from now on; open cases stay whose they are. 409 names its bearer: `elder_id`."""
        async with db.transaction(actor=caller.id) as tx:
            device = await handlers.bind_device(tx, body.device_id, elder_id, scope=caller.scope, move=body.move)
        return DeviceView.of(device)

    @router.delete("/{elder_id}/devices/{device_id}", status_code=204)
    async def unbind_device(
        elder_id: UUID, device_id: DeviceId, caller: Caller = guard.allows(Permission.ELDERS_WRITE)
    ) -> None:
        async with db.transaction(actor=caller.id) as tx:
            await handlers.unbind_device(tx, device_id, scope=caller.scope, elder_id=elder_id)


def _number(body: Registration | ElderChange, today: date) -> IdentityNumber | None:
    """:raises BadIdentityNumber:"""
    text = body.get("identity_number")
    return parse(text, today=today) if text is not None else None


def _digest(vault: Vault, body: Registration) -> bytes:
    plain: Any = _REGISTRATION.dump_python(body, mode="json")
    return vault.blind_index(json.dumps(plain, sort_keys=True))
