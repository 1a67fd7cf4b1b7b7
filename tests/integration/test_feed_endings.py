"""A console's stream ends within a second of the end of what it stands on, at whichever app process it is open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from time import monotonic
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from services.accounts.handlers import reset_password, switch_account
from services.accounts.permissions import Role
from tests.integration.alarm_desk import Desk, a_desk, eventually
from tests.integration.console_app import App, Console, an_app
from tests.quick_passwords import quick_passwords

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOT_SIGNED_IN = 4401
LISTENS = "datname = current_database() AND query = 'LISTEN \"account_changed\"'"
WHOSE = "SELECT id FROM accounts WHERE username = %s"

Ending = Callable[[Desk, httpx.AsyncClient, str], Awaitable[None]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(postgres_dsn: str) -> AsyncIterator[Desk]:
    async with a_desk(postgres_dsn) as desk:
        yield desk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def apps(postgres_dsn: str, desk: Desk) -> AsyncIterator[list[App]]:
    """Two processes' worth, on one database and with one secret."""
    async with an_app(postgres_dsn, desk) as first, an_app(postgres_dsn, desk, secret=first.secret) as second:

        async def both_listen() -> bool:
            rows = await desk.rows(f"SELECT 1 FROM pg_stat_activity WHERE {LISTENS}")
            return len(rows) == 2

        await eventually(both_listen)
        yield [first, second]


async def signs_out(_: Desk, client: httpx.AsyncClient, __: str) -> None:
    assert (await client.delete("/session")).status_code == 204


async def is_switched_off(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    async with desk.db.transaction() as tx:
        await switch_account(tx, username, active=False)


async def is_switched_off_by_hand(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    await desk.rows("UPDATE accounts SET active = false WHERE username = %s", username)


async def gets_a_new_password(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    async with desk.db.transaction() as tx:
        await reset_password(tx, quick_passwords(), username)


async def loses_a_region(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    await desk.rows(f"DELETE FROM account_regions WHERE account_id = ({WHOSE})", username)


async def gets_another_region(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    await desk.rows(
        f"UPDATE account_regions SET region_code = '420202' WHERE account_id = ({WHOSE})",
        username,
    )


async def becomes_a_family(desk: Desk, _: httpx.AsyncClient, username: str) -> None:
    await desk.rows("UPDATE accounts SET role = 'family' WHERE username = %s", username)


async def signs_in_anew_in_the_same_browser(_: Desk, client: httpx.AsyncClient, username: str) -> None:
    answer = await client.post("/session", json={"username": username, "password": "correct-horse-battery"})
    assert answer.status_code == 200


ENDINGS: list[Ending] = [
    signs_out,
    is_switched_off,
    is_switched_off_by_hand,
    gets_a_new_password,
    loses_a_region,
    gets_another_region,
    becomes_a_family,
    signs_in_anew_in_the_same_browser,
]


async def closed_with(console: Console) -> int | None:
    try:
        while True:
            await console.next(beats=True)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


@pytest.mark.parametrize("ends", ENDINGS, ids=lambda ending: ending.__name__)
async def test_the_stream_ends_within_a_second_when_its_account(apps: list[App], desk: Desk, ends: Ending) -> None:
    username = f"u{uuid4().hex[:12]}"
    client = await apps[0].an_operator(username)
    other = await apps[0].an_operator(f"u{uuid4().hex[:12]}")
    async with apps[0].console(client) as here, apps[1].console(client) as there, apps[0].console(other) as others:
        for console in (here, there, others):
            await console.next()
        await ends(desk, client, username)
        began = monotonic()  # hashing a password takes its time before anything has ended
        assert [await closed_with(here), await closed_with(there)] == [NOT_SIGNED_IN, NOT_SIGNED_IN]
        assert monotonic() - began < 1.0
        await others.socket.send('{"op":"ping","t":1.0}')
        assert (await others.next())["op"] == "pong", "nobody else's ends"


OTHER_FEEDS = [
    ("/orders/feed", Role.OPERATOR),
    ("/orders/feed", Role.SUPERVISOR),
    ("/visits/feed", Role.OPERATOR),
    ("/notices/feed", Role.OPERATOR),
]


@pytest.mark.parametrize("ends", [signs_out, is_switched_off, gets_a_new_password], ids=lambda end: end.__name__)
@pytest.mark.parametrize(("feed", "role"), OTHER_FEEDS)
async def test_so_does_what_pages_follow_beside_the_console(
    apps: list[App], desk: Desk, feed: str, role: Role, ends: Ending
) -> None:
    username = f"u{uuid4().hex[:12]}"
    client = await apps[0].an_operator(username, role=role)
    async with a_page(apps[0], client, feed) as here, a_page(apps[1], client, feed) as there:
        for page in (here, there):
            await page.recv()
        await ends(desk, client, username)
        began = monotonic()
        for page in (here, there):
            with pytest.raises(ConnectionClosed) as closed:
                async with asyncio.timeout(5):
                    await page.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == NOT_SIGNED_IN
        assert monotonic() - began < 1.0


def a_page(app: App, client: httpx.AsyncClient, feed: str) -> connect:
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return connect(f"ws://127.0.0.1:{app.port}/api/v1{feed}", additional_headers={"Cookie": cookie})


async def test_what_was_said_while_nobody_listened_is_looked_for(apps: list[App], desk: Desk) -> None:
    username = f"u{uuid4().hex[:12]}"
    client = await apps[0].an_operator(username)
    async with apps[0].console(client) as console:
        await console.next()
        await desk.rows("ALTER TABLE sessions DISABLE TRIGGER told_at_once")
        try:
            await desk.rows(f"DELETE FROM sessions WHERE account_id = ({WHOSE})", username)
        finally:
            await desk.rows("ALTER TABLE sessions ENABLE TRIGGER told_at_once")
        await desk.rows(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {LISTENS}")
        assert await closed_with(console) == NOT_SIGNED_IN
