"""Guessing passwords is slowed down, and cannot be used to keep the account's owner out."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.integration.two_counties import PASSWORD, World

pytestmark = pytest.mark.asyncio(loop_scope="module")

FREE = 5


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def nobody_has_tried(world: World) -> AsyncIterator[None]:
    yield
    await world.rows("DELETE FROM login_attempts")


def from_address(world: World, address: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=world.app, client=(address, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://yian/api/v1")


async def try_it(client: httpx.AsyncClient, password: str = "wrong", username: str = "supervisor") -> int:
    return (await client.post("/session", json={"username": username, "password": password})).status_code


async def known(world: World, address: str = "10.0.0.1", username: str = "supervisor") -> httpx.AsyncClient:
    """The browser on the desk: somebody has signed in here before, and out again."""
    client = from_address(world, address)
    assert await try_it(client, PASSWORD, username) == 200
    assert (await client.delete("/session", headers={"X-CSRF-Token": client.cookies["yian_csrf"]})).status_code == 204
    return client


async def guess_until_refused(world: World, client: httpx.AsyncClient, username: str = "supervisor") -> int:
    """How many guesses were free; the clock is then held, however slow this machine is."""
    guesses = 0
    while await try_it(client, username=username) == 401:
        guesses += 1
        assert guesses < 2 * FREE
    await world.rows("UPDATE login_attempts SET at = at + interval '1 minute'")
    return guesses


async def an_attack(world: World, username: str = "supervisor") -> None:
    """From many addresses, until everybody who is a stranger has to wait."""
    await world.rows(
        "INSERT INTO login_attempts (username, address) SELECT %s, '203.0.113.' || i FROM generate_series(1, 20) i",
        username,
    )
    async with from_address(world, "198.51.100.1") as stranger:
        assert await try_it(stranger, PASSWORD, username) == 429


async def test_an_attacker_from_many_addresses_cannot_keep_a_known_browser_out(world: World) -> None:
    desk = await known(world)
    await an_attack(world)
    assert await try_it(desk, PASSWORD) == 200
    async with from_address(world, "198.51.100.1") as stranger:
        assert await try_it(stranger, PASSWORD) == 429, "and that the owner came in gives the attacker no new tries"


async def test_an_attacker_at_the_same_address_cannot_keep_a_known_browser_out(world: World) -> None:
    desk = await known(world)
    await world.rows(
        "INSERT INTO login_attempts (username, address) SELECT 'x' || i, '10.0.0.1' FROM generate_series(1, 40) i"
    )
    async with from_address(world, "10.0.0.1") as stranger:
        assert await try_it(stranger, PASSWORD) == 429
    assert await try_it(desk, PASSWORD) == 200


async def test_a_known_browser_cannot_guess_without_limit_either(world: World) -> None:
    desk = await known(world)
    assert await guess_until_refused(world, desk) >= FREE
    assert await try_it(desk, PASSWORD) == 429, "the right password waits as well"
    await world.rows("UPDATE login_attempts SET at = at - interval '7 minutes'")
    assert await try_it(desk, PASSWORD) == 200


async def test_who_stole_the_cookie_of_one_browser_keeps_out_that_browser_alone(world: World) -> None:
    stolen_from, other = await known(world), await known(world, "10.0.0.2")
    async with from_address(world, "203.0.113.1") as thief, from_address(world, "10.0.0.3") as stranger:
        thief.cookies.update(stolen_from.cookies)
        await guess_until_refused(world, thief)
        assert await try_it(stolen_from, PASSWORD) == 429
        assert await try_it(other, PASSWORD) == 200
        assert await try_it(stranger, PASSWORD) == 200


async def test_a_cookie_of_one_account_is_a_strangers_at_another(world: World) -> None:
    desk = await known(world, username="city")
    await an_attack(world)
    assert await try_it(desk, PASSWORD) == 429
    assert await try_it(desk, PASSWORD, "city") == 200


async def test_colleagues_who_share_a_browser_have_a_count_each(world: World) -> None:
    desk = await known(world, username="city")
    assert await try_it(desk, PASSWORD) == 200
    await guess_until_refused(world, desk, "city")
    assert await try_it(desk, PASSWORD) == 200


async def test_nothing_personal_is_in_the_cookie_and_no_page_reads_it(world: World) -> None:
    async with from_address(world, "10.0.0.1") as client:
        answer = await client.post("/session", json={"username": "supervisor", "password": PASSWORD})
        (cookie,) = [text for text in answer.headers.get_list("set-cookie") if text.startswith("yian_known_")]
    attributes: list[Any] = [part.strip() for part in cookie.split(";")[1:]]
    assert {"HttpOnly", "SameSite=lax", "Path=/api/v1/session"} <= set(attributes)
    assert "supervisor" not in cookie
