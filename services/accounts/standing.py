"""Whether who opened a connection may still hold it open: for every stream that shows somebody rows of their scope."""

import asyncio
from contextlib import suppress

from starlette.requests import HTTPConnection

from services.accounts.changes import AccountChanges
from services.accounts.guard import Guard
from services.accounts.model import Caller
from services.accounts.rules import NotSignedIn
from services.db.pool import DatabaseUnreachable

LOOK_SECONDS = 30.0
"""How often one looks without a notification: sessions expire, and so do grants at the end of their last day."""
LOOK_AGAIN_SECONDS = 0.5
"""Where the database did not answer."""


async def until_it_ends(guard: Guard, changes: AccountChanges, connection: HTTPConnection, caller: Caller) -> str:
    """Returns, with the reason, once the session is over or the rows that the caller may see are other ones. The first
    look is at once: what ended between the caller's first look-up and now was reported to nobody."""
    with changes.of(caller.id) as changed:
        while True:
            changed.clear()
            try:
                if reason := await why_no_longer(guard, connection, caller):
                    return reason
                wait = LOOK_SECONDS
            except DatabaseUnreachable:
                wait = LOOK_AGAIN_SECONDS
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), wait)


async def why_no_longer(guard: Guard, connection: HTTPConnection, caller: Caller) -> str | None:
    """Why it is to end; None: it is still as it was opened. :raises DatabaseUnreachable:"""
    try:
        now = await guard.caller(connection, caller.permission)
    except NotSignedIn:
        return "the session is over"
    same = (now.scope, now.account.role) == (caller.scope, caller.account.role)
    return None if same else "the account has changed"
