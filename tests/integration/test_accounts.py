"""Signing in and out over HTTP, and the audit."""

import asyncio

import psycopg
import pytest

from services.accounts.handlers import create_account, ensure_account, reset_password
from services.accounts.permissions import Role
from services.accounts.rules import BadAccount
from tests.integration.two_counties import NORTH, PASSWORD, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_signing_in_sets_a_cookie_no_script_can_read_and_a_token_one_can(world: World) -> None:
    async with world.client() as client:
        answer = await client.post("/session", json={"username": " City ", "password": PASSWORD})
        account = answer.json()["account"]
        assert (account["username"], account["role"], account["regions"]) == ("city", "operator", ["4202"])
        session, csrf, known = answer.headers.get_list("set-cookie")
        assert session.startswith("yian_session=")
        assert "HttpOnly" in session
        assert "SameSite=lax" in session
        assert "HttpOnly" not in csrf
        assert known.startswith("yian_known_")
        assert "HttpOnly" in known
        assert "city" not in known
        assert (await client.get("/session")).json() == answer.json()


async def test_signing_out_ends_the_session_also_for_a_copied_cookie(world: World) -> None:
    async with world.signed_in("city") as client:
        copied = client.cookies["yian_session"]
        assert (await client.delete("/session")).status_code == 204
        assert (await client.get("/session", headers={"Cookie": f"yian_session={copied}"})).status_code == 401
        assert "yian_session" not in client.cookies


async def test_the_table_of_sessions_opens_no_door(world: World) -> None:
    async with world.signed_in("city") as client:
        token = client.cookies["yian_session"]
        kept = await world.rows("SELECT encode(token_hash, 'escape') AS kept FROM sessions")
        assert token not in str(kept)


async def test_wrong_passwords_and_unknown_names_are_answered_alike(world: World) -> None:
    async with world.client() as client:
        wrong = await client.post("/session", json={"username": "north", "password": "wrong"})
        unknown = await client.post("/session", json={"username": "nobody", "password": "wrong"})
        assert wrong.status_code == 401
        assert wrong.json() == unknown.json()
        assert wrong.json()["code"] == "accounts.bad_credentials"
    assert (await world.audited("session.refused"))[-2]["subject_id"] != ""


async def test_an_account_that_was_switched_off_cannot_be_used(world: World) -> None:
    async with world.signed_in("supervisor") as client:
        await world.rows("UPDATE accounts SET active = false WHERE username = 'supervisor'")
        assert (await client.get("/session")).status_code == 401
        again = await client.post("/session", json={"username": "supervisor", "password": PASSWORD})
        assert again.status_code == 401
        await world.rows("UPDATE accounts SET active = true WHERE username = 'supervisor'")


async def test_guessing_is_slowed_down_by_name_even_many_at_once(world: World) -> None:
    async with world.client() as client:
        guesses = [client.post("/session", json={"username": "south", "password": f"guess {i}"}) for i in range(12)]
        answers = await asyncio.gather(*guesses)
        codes = [answer.status_code for answer in answers]
        assert set(codes) == {401, 429}
        assert codes.count(401) <= 8, "five are free, a few more on a slow machine"
        slowed = next(answer for answer in answers if answer.status_code == 429)
        assert slowed.json()["code"] == "accounts.throttled"
        assert int(slowed.headers["retry-after"]) >= 1
        await world.rows(
            "INSERT INTO login_attempts (username, address) SELECT 'south', '-' FROM generate_series(1, 5)"
        )
        right = await client.post("/session", json={"username": "south", "password": PASSWORD})
        assert right.status_code == 429, "the right password waits as well"
        await world.rows("UPDATE login_attempts SET at = at - interval '5 minutes'")
        assert (await client.post("/session", json={"username": "south", "password": PASSWORD})).status_code == 200
        assert await world.rows("SELECT 1 FROM login_attempts WHERE username = 'south'") == []


async def test_guessing_is_slowed_down_by_address_over_many_names(world: World) -> None:
    await world.rows(
        "INSERT INTO login_attempts (username, address) SELECT 'x' || i, '127.0.0.1' FROM generate_series(1, 33) i"
    )
    async with world.client() as client:
        assert (await client.post("/session", json={"username": "city", "password": PASSWORD})).status_code == 429
        await world.rows("DELETE FROM login_attempts")
        assert (await client.post("/session", json={"username": "city", "password": PASSWORD})).status_code == 200


async def test_every_sign_in_makes_a_new_session_and_ends_the_one_it_came_with(world: World) -> None:
    async with world.signed_in("city") as client, world.client() as planted:
        old, old_token = client.cookies["yian_session"], client.cookies["yian_csrf"]
        planted.cookies.set("yian_session", old)
        answer = await planted.post("/session", json={"username": "north", "password": PASSWORD})
        assert answer.cookies["yian_session"] != old
        assert answer.cookies["yian_csrf"] != old_token
        assert (await client.get("/session")).status_code == 401, "whoever planted it sees nothing of what follows"


async def test_when_a_whole_shift_signs_in_again_nobody_waits_for_anybody_else(world: World) -> None:
    """Their sessions have ended together, and each sign-in sweeps up what is over."""
    await world.rows(
        "INSERT INTO login_attempts (username, address, at) VALUES ('of the morning', '-', now() - interval '1 day')"
    )
    async with world.signed_in("city"), world.client() as client:
        await world.rows("UPDATE sessions SET expires_at = now() - interval '1 minute'")
        async with world.parts.db.transaction() as another:
            await another.execute("SELECT FROM sessions FOR UPDATE")
            await another.execute("SELECT FROM login_attempts FOR UPDATE")
            async with asyncio.timeout(10):
                answer = await client.post("/session", json={"username": "north", "password": PASSWORD})
            assert answer.status_code == 200


async def test_a_cookie_nobody_gave_out_is_not_taken_over_at_sign_in(world: World) -> None:
    async with world.client() as client:
        client.cookies.set("yian_session", "chosen-by-somebody-else")
        answer = await client.post("/session", json={"username": "north", "password": PASSWORD})
        assert answer.cookies["yian_session"] != "chosen-by-somebody-else"
        client.cookies.clear()
        client.cookies.set("yian_session", "chosen-by-somebody-else")
        assert (await client.get("/session")).status_code == 401


async def test_a_page_of_another_site_signs_nobody_in(world: World) -> None:
    async with world.client() as client:
        credentials = {"username": "city", "password": PASSWORD}
        answer = await client.post("/session", json=credentials, headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status_code, answer.json()["code"]) == (403, "accounts.csrf")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"username": "city"}', b'{"username": "a\\u0000", "password": "x"}']
)
async def test_a_body_that_will_not_do_is_a_problem_that_repeats_nothing(world: World, body: bytes) -> None:
    async with world.client() as client:
        answer = await client.post("/session", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "request.invalid"
        assert "input" not in answer.text


async def test_accounts_are_made_with_random_passwords_and_checked(world: World) -> None:
    async with world.parts.db.transaction() as tx:
        account, password = await create_account(
            tx, world.parts.passwords, username="new.one", name="新", role=Role.OPERATOR, region_codes=[NORTH]
        )
        with pytest.raises(BadAccount, match="taken"):
            await create_account(
                tx, world.parts.passwords, username="New.One", name="新", role=Role.OPERATOR, region_codes=[NORTH]
            )
        with pytest.raises(BadAccount, match="region"):
            await create_account(tx, world.parts.passwords, username="nowhere", name="无", role=Role.OPERATOR)
    async with world.client() as client:
        credentials = {"username": "new.one", "password": password}
        assert (await client.post("/session", json=credentials)).json()["account"]["id"] == str(account.id)


async def test_a_new_password_ends_the_sessions_of_the_old_one(world: World) -> None:
    async with world.signed_in("north") as client:
        async with world.parts.db.transaction() as tx:
            password = await reset_password(tx, world.parts.passwords, "north")
        assert (await client.get("/session")).status_code == 401
        credentials = {"username": "north", "password": password}
        assert (await client.post("/session", json=credentials)).status_code == 200
    async with world.parts.db.transaction() as tx:
        kept = {"username": "north", "name": "north", "role": Role.OPERATOR, "region_codes": ["420202"]}
        assert await ensure_account(tx, world.parts.passwords, **kept, password=PASSWORD) == PASSWORD
    async with world.signed_in("north"):
        pass


async def test_every_write_to_an_account_is_audited_without_its_contents(world: World) -> None:
    actor = (await world.rows("SELECT id FROM accounts WHERE username = 'supervisor'"))[0]["id"]
    async with world.parts.db.transaction(actor=actor) as tx:
        await tx.execute("UPDATE accounts SET name = '新名字', locale = 'en' WHERE username = 'city'")
        await tx.execute("UPDATE accounts SET name = '新名字' WHERE username = 'city'")
    last = (await world.audited("accounts.update"))[-1]
    assert (last["actor_id"], last["detail"]) == (actor, {"columns": ["locale", "name"]})
    kept = await world.rows("SELECT jsonb_agg(audit)::text AS kept FROM audit")
    assert "新名字" not in str(kept)
    assert "argon2" not in str(kept)


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
async def test_the_audit_can_only_grow(world: World, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        await world.rows(statement)


async def test_an_unknown_fault_is_a_500_that_tells_nothing(world: World) -> None:
    from services.app.factory import create_app

    app = create_app(world.parts)

    @app.get("/api/v1/broken", dependencies=[world.parts.guard.public()])
    async def broken() -> None:
        raise RuntimeError("a secret")

    async with World(app, world.parts, {}, {}, {}).client() as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
