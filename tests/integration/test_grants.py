"""Grants over HTTP: asked, confirmed, given up; what each kind opens; two counties; guessing; days; open streams."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from starlette.requests import HTTPConnection

from services.accounts.grants.model import GrantKind
from services.accounts.grants.timers import GrantTimer
from services.accounts.handlers import create_account
from services.accounts.permissions import Permission, Role
from services.accounts.standing import until_it_ends
from services.business_day import ZONE
from services.telemetry.model import Reading
from services.telemetry.store_moments import write_readings
from tests.integration.alarm_desk import eventually
from tests.integration.two_counties import PASSWORD, World, a_world, identity_number

pytestmark = pytest.mark.asyncio(loop_scope="module")

LISTENS = "datname = current_database() AND query = 'LISTEN \"account_changed\"'"


@dataclass
class Day:
    """The application's clock, which can be stopped at a time."""

    at: datetime | None = None

    def now(self) -> datetime:
        return self.at or datetime.now(UTC)

    @property
    def today(self) -> date:
        return self.now().astimezone(ZONE).date()


@pytest.fixture(scope="module")
def day() -> Day:
    return Day()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(postgres_dsn: str, day: Day) -> AsyncIterator[World]:
    async with a_world(postgres_dsn, now=day.now) as world:
        yield world


@asynccontextmanager
async def a_daughter(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """Of a family that nobody has given anything."""
    name = f"daughter-{uuid4().hex[:8]}"
    async with world.parts.db.transaction() as tx:
        await create_account(
            tx, world.parts.passwords, username=name, name="王小杏", role=Role.FAMILY, password=PASSWORD
        )
    async with world.signed_in(name) as client:
        yield client


def about(where: str = "north", **fields: Any) -> dict[str, Any]:
    names, order, county = {"north": ("王银杏", 2, "420202"), "south": ("李海棠", 4, "420281")}[where]
    return {
        "elder_name": names,
        "found_by": {"phone": "+86 101-1234-5678"},
        "identity_last_four": identity_number(order)[-4:],
        "region_code": county,
        "relation": "女儿",
        "kinds": ["see", "order", "follow", "health", "position"],
    } | fields


async def asked(family: httpx.AsyncClient, **fields: Any) -> str:
    answer = await family.post("/grants", json=about(**fields))
    assert answer.status_code == 201, answer.text
    grant_id: str = answer.json()["grant"]["id"]
    return grant_id


async def decided(world: World, grant_id: str, *, by: str = "city", **fields: Any) -> httpx.Response:
    body = {"decision": "confirm", "kinds": ["see"], "how": "phone"} | fields
    async with world.signed_in(by) as client:
        return await client.post(f"/grants/{grant_id}/decision", json=body)


async def granted(world: World, family: httpx.AsyncClient, kinds: list[str], **fields: Any) -> str:
    grant_id = await asked(family)
    answer = await decided(world, grant_id, kinds=kinds, **fields)
    assert answer.status_code == 200, answer.text
    return grant_id


async def test_from_the_daughters_question_to_her_mothers_page(world: World) -> None:
    async with a_daughter(world) as daughter:
        assert (await daughter.get("/elders")).json()["items"] == []
        grant_id = await asked(daughter)
        (waiting,) = (await daughter.get("/grants")).json()["items"]
        assert (waiting["state"], waiting["elder_id"], waiting["elder_name"]) == ("asked", None, "王银杏")
        async with world.signed_in("city") as operator:
            items = (await operator.get("/grants", params={"state": "asked", "limit": 200})).json()["items"]
            seen = next(item for item in items if item["id"] == grant_id)
            assert seen["elder_id"] == str(world.elders["north"])
            assert (seen["account_name"], seen["relation"]) == ("王小杏", "女儿")
        answer = await decided(world, grant_id, kinds=["health", "see"], how="phone", note="回拨老人本人,同意")
        assert answer.json()["grant"]["kinds"] == ["see", "health"]
        (elder,) = (await daughter.get("/elders")).json()["items"]
        assert elder["id"] == str(world.elders["north"])
        detail = (await daughter.get(f"/grants/{grant_id}")).json()
        assert [(moved["move"], moved["note"], moved["by"]) for moved in detail["history"]] == [
            ("confirm", "", None),
            ("ask", "", "王小杏"),
        ]
        async with world.signed_in("supervisor") as supervisor:
            detail = (await supervisor.get(f"/grants/{grant_id}")).json()
        assert [(moved["move"], moved["how"], moved["note"], moved["by"]) for moved in detail["history"]] == [
            ("confirm", "phone", "回拨老人本人,同意", "city"),
            ("ask", None, "", "王小杏"),
        ]
    for action in ("grants.insert", "grants.update", "grant_moves.insert"):
        assert [row for row in await world.audited(action) if row["subject_id"] == grant_id and row["actor_id"]]


ROUTES = {
    "see": ["/elders/{elder}", "/elders/{elder}/photo", "/elders/{elder}/grants", "/alarms/cases/{case}"],
    "health": ["/elders/{elder}/vitals/latest", "/elders/{elder}/vitals/series?name=heart_rate"],
    "order": ["/elders/{elder}/catalogue", "/elders/{elder}/menus"],
}
"""What each kind opens."""


async def test_each_kind_opens_its_routes_and_no_other(world: World) -> None:
    ids = {"elder": world.elders["north"], "case": world.cases["north"]}
    for kind in GrantKind:
        async with a_daughter(world) as daughter:
            await granted(world, daughter, [kind])
            for needed, paths in ROUTES.items():
                for path in paths:
                    answer = await daughter.get(path.format(**ids))
                    if needed == kind:
                        assert answer.status_code == 200, f"{kind} {path}: {answer.text}"
                    elif "case" in path:
                        assert answer.status_code == 404, f"{kind} {path}"
                    else:
                        assert (answer.status_code, answer.json()["code"]) == (403, "grants.lacking"), f"{kind} {path}"
                        assert answer.json()["kind"] == needed


async def test_beside_an_alarm_stands_only_what_a_family_may_see(world: World) -> None:
    path = f"/alarms/cases/{world.cases['north']}/context"
    now_us = time.time_ns() // 1000
    async with world.parts.db.transaction() as tx:
        await write_readings(tx, [Reading("W-NORTH", "heart_rate", None, now_us, now_us, 70.0, None, False)])
    for kinds, shown in ((["see"], False), (["see", "health"], True)):
        async with a_daughter(world) as daughter:
            await granted(world, daughter, kinds)
            context = (await daughter.get(path)).json()
            assert context["elder"]["name"] == "王银杏"
            assert bool(context["latest_vitals"]) is shown


async def test_an_elder_one_knows_nothing_of_is_not_there(world: World) -> None:
    async with a_daughter(world) as daughter:
        await granted(world, daughter, ["see"])
        for paths in ROUTES.values():
            for path in paths:
                south = path.format(elder=world.elders["south"], case=world.cases["south"])
                assert (await daughter.get(south)).status_code == 404, path


async def test_what_is_revoked_is_closed_at_the_next_request(world: World) -> None:
    elder = f"/elders/{world.elders['north']}"
    async with a_daughter(world) as daughter:
        first, second = await granted(world, daughter, ["see"]), await granted(world, daughter, ["health"])
        assert (await daughter.get(elder)).status_code == 200
        assert (await daughter.post(f"/grants/{first}/end", json={})).json()["grant"]["state"] == "revoked"
        assert (await daughter.get(elder)).json()["code"] == "grants.lacking"
        async with world.signed_in("regulator") as official:
            answer = await official.post(f"/grants/{second}/end", json={})
            assert (answer.status_code, answer.json()["code"]) == (422, "grants.note_needed")
            assert (await official.post(f"/grants/{second}/end", json={"reason": "老人来社区收回"})).status_code == 200
        assert (await daughter.get(f"{elder}/vitals/latest")).status_code == 404
        assert (await daughter.post(f"/grants/{first}/end", json={})).json()["code"] == "grants.illegal_move"


async def test_what_waits_is_withdrawn_by_who_asked(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter)
        async with world.signed_in("city") as operator:
            answer = await operator.post(f"/grants/{grant_id}/end", json={"reason": "老人不同意"})
            assert (answer.status_code, answer.json()["state"]) == (409, "asked"), "the staff refuses instead"
        assert (await daughter.post(f"/grants/{grant_id}/end", json={})).json()["grant"]["state"] == "withdrawn"
        assert (await decided(world, grant_id)).json()["code"] == "grants.illegal_move"


async def test_a_grant_holds_to_the_end_of_its_last_business_day(world: World, day: Day) -> None:
    elder = f"/elders/{world.elders['north']}"
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter)
        yesterday = str(day.today - timedelta(days=1))
        assert (await decided(world, grant_id, until=yesterday)).json()["code"] == "grants.over_already"
        assert (await decided(world, grant_id, until=str(day.today))).status_code == 200
        timer = GrantTimer(world.parts.db, day.now)
        try:
            midnight = datetime.combine(day.today + timedelta(days=1), datetime.min.time(), ZONE)
            day.at = midnight - timedelta(seconds=1)
            assert await timer.end_expired() == 0
            assert (await daughter.get(elder)).status_code == 200
            day.at = midnight
            assert (await daughter.get(elder)).status_code == 404, "before anybody has written it down"
            assert await timer.end_expired() == 1
        finally:
            day.at = None
        assert (await daughter.get(f"/grants/{grant_id}")).json()["grant"]["state"] == "ended"
        assert (await daughter.get(elder)).status_code == 404


async def test_guessing_learns_nothing(world: World) -> None:
    """Right and wrong guesses are answered alike, also once they have been refused, and there are few of them."""
    guesses = [
        about(),
        about(elder_name="王杏银"),
        about(found_by={"phone": "10112345679"}),
        about(identity_last_four="0000"),
        about(found_by={"device_id": "W-SOUTH"}),
    ]
    async with a_daughter(world) as stranger:
        answers = []
        for guess in guesses:
            answer = await stranger.post("/grants", json=guess)
            assert answer.status_code == 201
            grant_id = answer.json()["grant"]["id"]
            async with world.signed_in("city") as operator:
                body = {"decision": "refuse", "reason": "电话核实, 老人不同意"}
                refused = await operator.post(f"/grants/{grant_id}/decision", json=body)
                assert refused.status_code == 200
                assert (refused.json()["grant"]["elder_id"] is not None) is (guess is guesses[0])
            answers.append(await alike(stranger, answer, grant_id, guess))
        assert all(answer == answers[0] for answer in answers)
        answer = await stranger.post("/grants", json=about(elder_name="另一位"))
        assert (answer.status_code, answer.json()["code"]) == (429, "grants.too_many_asked")
        assert 0 < int(answer.headers["Retry-After"]) <= 86401


async def alike(client: httpx.AsyncClient, answer: httpx.Response, grant_id: str, guess: dict[str, Any]) -> Any:
    """All a guesser is told, without what they have said themselves and without ids and times."""
    detail = (await client.get(f"/grants/{grant_id}")).json()
    listed = next(item for item in (await client.get("/grants")).json()["items"] if item["id"] == grant_id)
    told = [answer.json()["grant"], detail["grant"], listed]
    for grant in told:
        assert grant.pop("elder_name") == guess["elder_name"]
        for name in ("id", "asked_at", "since"):
            grant.pop(name)
    moves = [[moved | {"at": None} for moved in history] for history in (answer.json()["history"], detail["history"])]
    return told, moves


async def test_an_elder_is_also_found_by_a_contacts_number_or_a_device(world: World) -> None:
    async with a_daughter(world) as daughter:
        for said in ({"phone": "101 8765 4321"}, {"device_id": "W-NORTH"}):
            grant_id = await asked(daughter, found_by=said)
            assert (await decided(world, grant_id)).status_code == 200


async def test_what_fits_nobody_is_refused_and_never_confirmed(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter, elder_name="查无此人")
        assert (await decided(world, grant_id, by="south")).status_code == 404, "another county"
        assert (await decided(world, grant_id)).json()["code"] == "grants.nobody_fits"
        assert (await decided(world, grant_id, by="north")).json()["code"] == "grants.nobody_fits"


async def test_a_county_decides_about_its_elders_whatever_the_family_says_of_the_place(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter, region_code="420281")
        for foreign in ("south", "south-chief", "south-regulator"):
            assert (await decided(world, grant_id, by=foreign)).status_code == 404
        assert (await decided(world, grant_id, by="north")).status_code == 200


async def test_a_document_is_accepted_by_an_official_and_named(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter)
        by_operator = await decided(world, grant_id, how="document", note="监护证明")
        assert (by_operator.status_code, by_operator.json()["code"]) == (403, "grants.only_officials")
        unnamed = await decided(world, grant_id, by="regulator", how="document")
        assert (unnamed.status_code, unnamed.json()["code"]) == (422, "grants.note_needed")
        assert (await decided(world, grant_id, by="regulator", how="document", note="监护证明")).status_code == 200


async def test_more_than_was_asked_for_is_not_confirmed(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter, kinds=["see"])
        answer = await decided(world, grant_id, kinds=["see", "health"])
        assert (answer.status_code, answer.json()["kinds"]) == (422, ["health"])


async def test_nobody_confirms_what_they_have_asked_for(world: World) -> None:
    """Also after their role has become another one."""
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter)
        me = (await daughter.get("/session")).json()["account"]["id"]
        await world.rows("UPDATE accounts SET role = 'operator' WHERE id = %s", UUID(me))
        await world.rows("INSERT INTO account_regions VALUES (%s, '4202')", UUID(me))
        body = {"decision": "confirm", "kinds": ["see"], "how": "phone"}
        answer = await daughter.post(f"/grants/{grant_id}/decision", json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "grants.own")


async def test_a_double_tap_is_one_question(world: World) -> None:
    async with a_daughter(world) as daughter:
        twice = [await daughter.post("/grants", json=about(), headers={"Idempotency-Key": "one"}) for _ in range(2)]
        assert twice[0].json() == twice[1].json()
        other = await daughter.post("/grants", json=about(kinds=["see"]), headers={"Idempotency-Key": "one"})
        assert other.json()["code"] == "request.key_reused"
        assert len((await daughter.get("/grants")).json()["items"]) == 1


async def test_of_two_who_decide_at_once_one_is_told_that_it_is_decided(world: World) -> None:
    async with a_daughter(world) as daughter:
        grant_id = await asked(daughter)
        answers = await asyncio.gather(*(decided(world, grant_id, by=by) for by in ("city", "north")))
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_a_family_sees_who_else_may_what_and_nobodys_question(world: World) -> None:
    path = f"/elders/{world.elders['north']}/grants"
    async with a_daughter(world) as daughter, a_daughter(world) as son:
        mine = await granted(world, daughter, ["see", "health"])
        waiting = await asked(son)
        held = (await daughter.get(path)).json()
        assert mine in [grant["id"] for grant in held]
        assert {grant["state"] for grant in held} == {"confirmed"}
        assert (await daughter.get(f"/grants/{waiting}")).status_code == 404
        async with world.signed_in("supervisor") as supervisor:
            assert waiting in [grant["id"] for grant in (await supervisor.get(path)).json()]


async def test_the_list_is_paged_by_who_has_waited_longest(world: World) -> None:
    async with world.signed_in("supervisor") as supervisor:
        whole = (await supervisor.get("/grants", params={"limit": 200})).json()["items"]
        first = (await supervisor.get("/grants", params={"limit": 2})).json()
        then = await supervisor.get("/grants", params={"limit": 198, "cursor": first["next_cursor"]})
        assert first["items"] + then.json()["items"] == whole
        assert [grant["asked_at"] for grant in whole] == sorted(grant["asked_at"] for grant in whole)


async def test_an_open_stream_ends_at_once_when_a_grant_it_needs_is_revoked(world: World) -> None:
    """As every stream waits for its end; long before it would look by itself."""
    parts = world.parts
    listener = asyncio.create_task(parts.changes.run())

    async def listens() -> bool:
        return bool(await world.rows(f"SELECT 1 FROM pg_stat_activity WHERE {LISTENS}"))

    try:
        await eventually(listens)
        async with a_daughter(world) as daughter:
            seen, health = await granted(world, daughter, ["see"]), await granted(world, daughter, ["health"])
            cookie = f"yian_session={daughter.cookies['yian_session']}".encode()
            socket = HTTPConnection({"type": "http", "headers": [(b"cookie", cookie)]})
            caller = await parts.guard.caller(socket, Permission.VITALS_READ)
            stream = asyncio.create_task(until_it_ends(parts.guard, parts.changes, socket, caller))
            await daughter.post(f"/grants/{seen}/end", json={})
            await asyncio.wait([stream], timeout=0.5)
            assert not stream.done(), "what it shows is still allowed"
            await daughter.post(f"/grants/{health}/end", json={})
            assert await asyncio.wait_for(stream, 5) == "the account has changed"
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
