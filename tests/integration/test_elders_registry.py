"""A supervisor registers elders and keeps their profiles, over HTTP."""

import asyncio
from uuid import UUID, uuid4

import httpx
import pytest

from tests.integration.two_counties import (
    NORTH,
    SOUTH,
    World,
    a_form,
    identity_number,
    registered,
    supervisors_id,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_who_is_registered_is_there_as_filled_in(world: World, supervisor: httpx.AsyncClient) -> None:
    profile = await registered(
        supervisor,
        identity_number=identity_number(20),
        phone="10112340000",
        register_flags=["lives_alone", "advanced_age"],
        conditions=["高血压"],
        medicines=["氨氯地平"],
        allergies=["青霉素"],
        oxygen=True,
        door_note="钥匙在邻居处",
        response_plan={"steps": ["回拨设备", "联系社区"]},
        consents=[{"kind": "health_data", "given_on": "2026-11-01", "by": "本人"}],
        contacts=[
            {"name": "周大", "relation": "儿子", "phone": "10100000001"},
            {"name": "周二", "relation": "女儿", "phone": "10100000002"},
        ],
    )
    assert (await supervisor.get(f"/elders/{profile['id']}")).json() == profile
    assert profile["version"] == 1
    assert profile["register_flags"] == ["lives_alone", "advanced_age"]
    assert profile["oxygen"] is True
    assert profile["response_plan"] == {"steps": ["回拨设备", "联系社区"]}
    assert profile["consents"] == [{"kind": "health_data", "given_on": "2026-11-01", "by": "本人"}]
    assert [(c["order"], c["name"]) for c in profile["contacts"]] == [(1, "周大"), (2, "周二")]
    assert profile["identity_number_masked"].startswith("4202***")
    assert identity_number(20) not in str(await world.rows("SELECT e::text AS kept FROM elders e"))
    found = (await supervisor.get("/elders", params={"query": identity_number(20)})).json()["items"]
    assert [row["id"] for row in found] == [profile["id"]]


async def test_who_registered_whom_is_in_the_audit(world: World, supervisor: httpx.AsyncClient) -> None:
    profile = await registered(supervisor)
    (line,) = [entry for entry in await world.audited("elders.insert") if entry["subject_id"] == profile["id"]]
    assert line["actor_id"] == await supervisors_id(world)


@pytest.mark.parametrize(
    ("number", "what"),
    [
        ("42029919400301", "18 characters"),
        ("420299194013010202", "birth date"),
        (identity_number(20)[:-1] + ("1" if identity_number(20)[-1] == "0" else "0"), "check digit"),
    ],
)
async def test_a_wrong_identity_number_is_refused_and_told_why(
    supervisor: httpx.AsyncClient, number: str, what: str
) -> None:
    answer = await supervisor.post("/elders", json=a_form(identity_number=number))
    assert (answer.status_code, answer.json()["code"]) == (422, "elders.bad_identity_number")
    assert what in answer.json()["detail"]
    assert number not in answer.text


async def test_a_form_that_contradicts_itself_is_refused(supervisor: httpx.AsyncClient) -> None:
    for fields, code in (
        ({"sex": "male", "identity_number": identity_number(22)}, "elders.identity_disagrees"),
        ({"birth_date": "2140-01-01"}, "elders.bad_birth_date"),
        ({"region_code": "420299"}, "elders.not_your_region"),
        ({"contacts": [{"name": "周大", "relation": "儿子"}]}, "elders.bad_contact"),
        ({"adress": "typing error"}, "request.invalid"),
    ):
        answer = await supervisor.post("/elders", json=a_form(**fields))
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


async def test_an_identity_number_registered_already_names_its_elder_to_who_may_see_him(world: World) -> None:
    number = identity_number(2)  # of the elder in the north
    async with world.signed_in("supervisor") as client:
        answer = await client.post("/elders", json=a_form(identity_number=number))
        assert (answer.status_code, answer.json()["code"]) == (409, "elders.identity_taken")
        assert answer.json()["elder_id"] == str(world.elders["north"])
    async with world.signed_in("south-chief") as client:
        answer = await client.post("/elders", json=a_form(identity_number=number, region_code=SOUTH))
        assert (answer.status_code, answer.json()["code"]) == (409, "elders.identity_taken")
        assert str(world.elders["north"]) not in answer.text


async def test_a_supervisor_registers_and_moves_nobody_outside_his_regions(world: World) -> None:
    async with world.signed_in("south-chief") as client:
        answer = await client.post("/elders", json=a_form(region_code=NORTH))
        assert (answer.status_code, answer.json()["code"]) == (422, "elders.not_your_region")
        path = f"/elders/{world.elders['south']}"
        answer = await client.patch(path, json={"region_code": NORTH}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (422, "elders.not_your_region")
        assert (await client.get(path)).json()["region_code"] == SOUTH


async def test_the_same_registration_sent_again_registers_nobody_twice(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    form, headers = a_form(name="一次"), {"Idempotency-Key": uuid4().hex}
    answers = await asyncio.gather(*(supervisor.post("/elders", json=form, headers=headers) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await world.rows("SELECT 1 FROM elders WHERE name = '一次'")) == 1
    other = await supervisor.post("/elders", json=form | {"name": "另一人"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "request.key_reused")


async def test_of_many_registrations_of_one_person_at_once_one_is_kept(supervisor: httpx.AsyncClient) -> None:
    form = a_form(identity_number=identity_number(24))
    answers = await asyncio.gather(*(supervisor.post("/elders", json=form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    (kept,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    assert {answer.json()["elder_id"] for answer in answers if answer.status_code == 409} == {kept}


async def test_a_change_touches_what_was_sent_and_nothing_else(supervisor: httpx.AsyncClient) -> None:
    before = await registered(supervisor, phone="10112340000", identity_number=identity_number(26))
    path = f"/elders/{before['id']}"
    answer = await supervisor.patch(path, json={"notes": "听力不好", "phone": None}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    changed = {"notes": "听力不好", "phone_masked": None, "version": 2}
    assert answer.json() == before | changed
    again = await supervisor.patch(path, json={"notes": "听力不好"}, headers={"If-Match": '"2"'})
    assert again.json()["version"] == 2, "nothing changed, so nothing was written"
    assert (await supervisor.get(path)).headers["ETag"] == '"2"'


async def test_a_corrected_identity_number_must_agree_and_be_nobody_elses(supervisor: httpx.AsyncClient) -> None:
    path = f"/elders/{(await registered(supervisor, identity_number=identity_number(28)))['id']}"
    for change, refused in (
        ({"sex": "male"}, (422, "elders.identity_disagrees")),
        ({"identity_number": identity_number(29)}, (422, "elders.identity_disagrees")),
        ({"identity_number": identity_number(2)}, (409, "elders.identity_taken")),
    ):
        answer = await supervisor.patch(path, json=change, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == refused
    both = {"sex": "male", "identity_number": identity_number(29)}
    answer = await supervisor.patch(path, json=both, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["sex"]) == (200, "male")
    revealed = await supervisor.post(f"{path}/reveal", json={"fields": ["identity_number"], "reason": "核对更正"})
    assert revealed.json()["identity_number"] == identity_number(29)


async def test_of_two_editors_the_later_is_told_the_current_version(supervisor: httpx.AsyncClient) -> None:
    path = f"/elders/{(await registered(supervisor))['id']}"
    answers = await asyncio.gather(
        *(supervisor.patch(path, json={"notes": text}, headers={"If-Match": '"1"'}) for text in ("甲", "乙"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    (stale,) = [answer.json() for answer in answers if answer.status_code == 412]
    assert (stale["code"], stale["version"]) == ("elders.stale_version", 2)
    contacts = await supervisor.put(f"{path}/contacts", json={"contacts": []}, headers={"If-Match": '"1"'})
    assert (contacts.status_code, contacts.json()["version"]) == (412, 2)
    assert (await supervisor.patch(path, json={"notes": "丙"})).status_code == 422, "nobody overwrites unseen"


async def test_a_position_in_another_datum_is_kept_in_wgs_84(supervisor: httpx.AsyncClient) -> None:
    place = {"lat": 30.2, "lon": 115.0, "datum": "GCJ-02"}
    location = (await registered(supervisor, location=place))["location"]
    assert location["source_datum"] == "GCJ-02"
    assert 0.001 < abs(location["lat"] - 30.2) + abs(location["lon"] - 115.0) < 0.02


async def test_contacts_are_called_in_the_order_they_were_put(world: World, supervisor: httpx.AsyncClient) -> None:
    people = [{"name": name, "relation": "邻居", "phone": f"1010000000{i}"} for i, name in enumerate("甲乙丙")]
    profile = await registered(supervisor, contacts=people)
    path, ids = f"/elders/{profile['id']}/contacts", {c["name"]: c["id"] for c in profile["contacts"]}
    order = [
        {"id": ids["丙"], "name": "丙", "relation": "社区", "distance_note": "隔壁"},
        {"name": "丁", "relation": "儿子", "phone": "10100000009"},
        {"id": ids["甲"], "name": "甲", "relation": "邻居"},
    ]
    answer = await supervisor.put(path, json={"contacts": order}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()["version"]) == (200, 2)
    told = answer.json()["contacts"]
    assert [(c["order"], c["name"], c["relation"]) for c in told] == [
        (1, "丙", "社区"),
        (2, "丁", "儿子"),
        (3, "甲", "邻居"),
    ]
    assert (told[0]["id"], told[2]["id"]) == (ids["丙"], ids["甲"])
    kept = await world.rows("SELECT phone FROM contacts WHERE elder_id = %s ORDER BY position", UUID(profile["id"]))
    assert [row["phone"] for row in kept] == ["10100000002", "10100000009", "10100000000"]
    for wrong in (
        [{"name": "戊", "relation": "女儿"}],
        [{"id": str(uuid4()), "name": "戊", "relation": "女儿"}],
        [order[0], order[0]],
        [{"id": ids["乙"], "name": "乙", "relation": "邻居"}],
    ):
        answer = await supervisor.put(path, json={"contacts": wrong}, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (422, "elders.bad_contact"), wrong


async def test_operators_and_families_write_nothing_of_an_elder(world: World) -> None:
    path = f"/elders/{world.elders['north']}"
    for username in ("city", "north", "family"):
        async with world.signed_in(username) as client:
            for answer in (
                await client.post("/elders", json=a_form()),
                await client.patch(path, json={"notes": "x"}, headers={"If-Match": "*"}),
                await client.put(f"{path}/contacts", json={"contacts": []}, headers={"If-Match": "*"}),
                await client.post(f"{path}/devices", json={"device_id": "W-NOBODY"}),
                await client.delete(f"{path}/devices/W-NORTH"),
            ):
                assert (answer.status_code, answer.json()["code"]) == (403, "accounts.forbidden"), username
