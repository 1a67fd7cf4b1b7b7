"""The session: sign in, who am I, sign out."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from services.accounts import handlers
from services.accounts.guard import CSRF_COOKIE, SESSION_COOKIE, Guard
from services.accounts.handlers import Visitor
from services.accounts.known_browsers import KNOWN_FOR, KnownBrowsers, new_browser
from services.accounts.model import Account, Caller
from services.accounts.passwords import Passwords
from services.accounts.permissions import Permission, Role
from services.accounts.rules import SESSION_LIFE, ForgedRequest, username_of
from services.db.pool import Database
from services.db.text import StorableText


class SignIn(BaseModel):
    username: Annotated[StorableText, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class AccountView(BaseModel):
    id: UUID
    username: str
    name: str
    role: Role
    regions: list[str] = Field(description="prefixes of national region codes")
    provider_id: UUID | None = Field(description="whose staff this is, for the role provider")
    worker_id: UUID | None = Field(description="who this is, for the role worker")
    locale: str

    @classmethod
    def of(cls, account: Account) -> "AccountView":
        return cls(
            id=account.id,
            username=account.username,
            name=account.name,
            role=account.role,
            regions=list(account.region_codes),
            provider_id=account.provider_id,
            worker_id=account.worker_id,
            locale=account.locale,
        )


class SessionView(BaseModel):
    account: AccountView
    call_centre_phone: str | None = Field(description="of this city, for whoever needs a person")


def routes(
    db: Database,
    guard: Guard,
    passwords: Passwords,
    browsers: KnownBrowsers,
    *,
    cookie_secure: bool,
    call_centre_phone: str | None,
) -> APIRouter:
    router = APIRouter(prefix="/session", tags=["session"])

    def told(caller: Caller) -> SessionView:
        return SessionView(account=AccountView.of(caller.account), call_centre_phone=call_centre_phone)

    life_seconds = int(SESSION_LIFE.total_seconds())

    @router.post("", dependencies=[guard.public()])
    async def sign_in(body: SignIn, request: Request, response: Response) -> SessionView:
        if request.headers.get("sec-fetch-site") == "cross-site":
            raise ForgedRequest("a page of another site may not sign anybody in")
        username = username_of(body.username)
        visitor = Visitor(
            address=request.client.host if request.client else "unknown",
            browser=browsers.of(request.cookies, username),
            old_token=request.cookies.get(SESSION_COOKIE),
        )
        signed_in = await handlers.sign_in(db, passwords, username, body.password, visitor)
        csrf = guard.csrf_token(signed_in.caller)
        for name, value, http_only in ((SESSION_COOKIE, signed_in.token, True), (CSRF_COOKIE, csrf, False)):
            response.set_cookie(
                name, value, max_age=life_seconds, httponly=http_only, samesite="lax", secure=cookie_secure
            )
        response.set_cookie(
            browsers.cookie(username),
            browsers.value(visitor.browser or new_browser(), username),
            max_age=int(KNOWN_FOR.total_seconds()),
            path=request.url.path,
            httponly=True,
            samesite="lax",
            secure=cookie_secure,
        )
        return told(signed_in.caller)

    @router.get("")
    async def who_am_i(caller: Caller = guard.allows(Permission.SESSION_OWN)) -> SessionView:
        return told(caller)

    @router.delete("", status_code=204)
    async def sign_out(response: Response, caller: Caller = guard.allows(Permission.SESSION_OWN)) -> None:
        async with db.transaction(actor=caller.id) as tx:
            await handlers.sign_out(tx, caller)
        for name in (SESSION_COOKIE, CSRF_COOKIE):
            response.delete_cookie(name)

    return router
