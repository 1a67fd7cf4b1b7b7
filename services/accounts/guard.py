"""Who is calling, and may they: the check before every route.

A route says `caller: Caller = guard.allows(Permission.CASES_READ)`, or `guard.public()` if no sign-in is needed. A
route that says neither answers 403 (`refuse_undeclared`, a dependency of the whole application).
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection

from services.accounts.handlers import token_hash
from services.accounts.model import Caller
from services.accounts.permissions import Permission
from services.accounts.rules import Forbidden, ForgedRequest, NotSignedIn
from services.accounts.store import AccountStore
from services.business_day import business_day
from services.db.pool import Database

SESSION_COOKIE = "yian_session"
CSRF_COOKIE = "yian_csrf"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Declared:
    """Marks a dependency of a route that says which permission the route needs."""

    permission: Permission | None


class _Public(Declared):
    permission = None

    async def __call__(self) -> None:
        return None


class _Allows(Declared):
    def __init__(self, guard: "Guard", permission: Permission) -> None:
        self._guard = guard
        self.permission: Permission = permission

    async def __call__(self, connection: HTTPConnection) -> Caller:
        caller = await self._guard.caller(connection, self.permission)
        self._guard.refuse_forged(connection, caller)
        if not caller.may(self.permission):
            raise Forbidden(f"the role {caller.account.role} lacks {self.permission}")
        if elder_id := _elder_in(connection):
            caller.refuse_lacking(elder_id)
        return caller


class Guard:
    """:param signing_key: secret of the platform; the CSRF token of a session is derived from it."""

    def __init__(self, db: Database, signing_key: bytes, now: Callable[[], datetime]) -> None:
        self._db = db
        self._key = signing_key
        self._now = now

    def allows(self, permission: Permission) -> Any:
        """A parameter default; the parameter is then the `Caller`, whose `scope` is that of this permission. Raises 401
        and 403, on a WebSocket closes it."""
        return Depends(_Allows(self, permission))

    def public(self) -> Any:
        """For `dependencies=[guard.public()]` of a route that everybody may call."""
        return Depends(_Public())

    async def caller(self, connection: HTTPConnection, permission: Permission | None) -> Caller:
        """Who is calling, to use this permission; whether they may is not looked at. :raises NotSignedIn:"""
        token = connection.cookies.get(SESSION_COOKIE)
        if not token:
            raise NotSignedIn
        async with self._db.reading() as tx:
            caller = await AccountStore(tx).by_session(token_hash(token), business_day(self._now()))
        if caller is None:
            raise NotSignedIn
        return replace(caller, permission=permission)

    def csrf_token(self, caller: Caller) -> str:
        return hmac.new(self._key, caller.session_id.bytes, hashlib.sha256).hexdigest()

    def refuse_forged(self, connection: HTTPConnection, caller: Caller) -> None:
        """A page of another site may make the browser send the cookie; it cannot read the token, nor fake `Origin`.

        :raises ForgedRequest:
        """
        if connection.scope["type"] == "websocket":
            origin = connection.headers.get("origin")
            if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
                raise ForgedRequest("a page of another origin opened this connection")
            return
        if connection.scope["method"] in _SAFE_METHODS:
            return
        sent = connection.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(sent.encode(), self.csrf_token(caller).encode()):
            raise ForgedRequest


def _elder_in(connection: HTTPConnection) -> UUID | None:
    """Whom the path names; what is no id is refused by the route itself."""
    try:
        return UUID(connection.path_params["elder_id"])
    except (KeyError, ValueError):
        return None


def declared(dependant: Dependant) -> Iterator[Declared]:
    """What a route declares; nothing if that was forgotten."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Declared):
            yield dependency.call
        yield from declared(dependency)


async def refuse_undeclared(connection: HTTPConnection) -> None:
    """Deny by default. :raises Forbidden: for a route that declares no permission."""
    dependant = getattr(connection.scope.get("route"), "dependant", None)
    if dependant is None or not any(declared(dependant)):
        raise Forbidden("this route declares no permission")
