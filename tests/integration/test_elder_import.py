"""Importing and exporting elders over HTTP."""

from typing import Any

import httpx
import pytest

from services.sheets.model import XLSX
from tests.integration.two_counties import NORTH, World, identity_number

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLES = "姓名,性别,出生日期,身份证号,能力等级,居住情况,地址,区划代码,特殊困难,过敏,用氧"


def line(name: str, order: int | None, region: str = NORTH, **other: str) -> str:
    number = "" if order is None else identity_number(order)
    sex = "男" if order is not None and order % 2 else "女"
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else "1940-01-01"
    told = {"sex": sex, "ability": "轻度失能", "flags": "独居、高龄", "allergies": "青霉素; 花生", **other}
    return (
        f"{name},{told['sex']},{born},{number},{told['ability']},独居,演示路{order}号,{region},"
        f"{told['flags']},{told['allergies']},否"
    )


def a_file(*lines: str) -> bytes:
    return "\n".join((TITLES, *lines)).encode()


async def sent(client: httpx.AsyncClient, file: bytes, media_type: str = "text/csv", **params: Any) -> dict[str, Any]:
    answer = await client.post("/elder-sheet", content=file, params=params, headers={"Content-Type": media_type})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, bool]:
    return report["added"], report["changed"], report["unchanged"], report["written"]


async def test_elders_are_tried_first_then_registered_and_a_second_time_nothing(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    file = a_file(line("沈一禾", 60), line("沈二禾", 61))
    assert counts(await sent(supervisor, file)) == (2, 0, 0, False)
    assert not (await supervisor.get("/elders", params={"query": "沈一禾"})).json()["items"]
    assert counts(await sent(supervisor, file, dry_run=False)) == (2, 0, 0, True)
    writes = len(await world.rows("SELECT 1 FROM audit"))
    assert counts(await sent(supervisor, file, dry_run=False)) == (0, 0, 2, True)
    assert len(await world.rows("SELECT 1 FROM audit")) == writes
    (made,) = (await supervisor.get("/elders", params={"query": "沈一禾"})).json()["items"]
    profile = (await supervisor.get(f"/elders/{made['id']}")).json()
    assert (profile["register_flags"], profile["allergies"]) == (["lives_alone", "advanced_age"], ["青霉素", "花生"])


async def test_a_row_that_will_not_do_says_where_and_what_to_write_without_the_identity_number(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    wrong = identity_number(63)[:-1] + ("1" if identity_number(63)[-1] == "0" else "0")
    file = a_file(
        line("许一禾", 62),
        line("许二禾", 63).replace(identity_number(63), wrong),
        line("许三禾", None),
        line("许四禾", 64, region="420299"),
        line("许五禾", 65, ability="尚可"),
        line("许六禾", 66, sex="男"),
        line("许七禾", 62),
    )
    report = await sent(supervisor, file, dry_run=False)
    assert (report["rows"], report["faulty_rows"], *counts(report)) == (7, 6, 1, 0, 0, False)
    assert sorted((one["row"], one["column"], one["value"]) for one in report["faults"]) == [
        (3, "身份证号", ""),
        (4, "身份证号", ""),
        (5, "区划代码", "420299"),
        (6, "能力等级", "尚可"),
        (7, "身份证号", ""),
        (8, "身份证号", ""),
    ]
    assert all(one["mend"]["zh"] and one["mend"]["en"] for one in report["faults"])
    assert identity_number(62) not in str(report)
    assert counts(await sent(supervisor, file, dry_run=False, only_good=True)) == (1, 0, 0, True)


async def test_what_was_exported_changes_nothing_again_and_holds_no_number_in_full(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    book = (await supervisor.get("/elder-sheet")).content
    again = await sent(supervisor, book, XLSX, dry_run=False)
    assert (again["faults"], again["added"], again["changed"], again["written"]) == ([], 0, 0, True)
    lines = (await supervisor.get("/elder-sheet", params={"format": "csv"})).content.decode("utf-8-sig")
    assert str(world.elders["north"]) in lines
    assert "10112345678" not in lines
    assert identity_number(60) not in lines
    assert str(world.elders["south"]) not in (await supervisor.get(f"/elder-sheet?format=csv&region={NORTH}")).text
    assert await world.audited("elders.exported")


CONTACTS = "老人编号,老人身份证号,顺序,姓名,关系,电话,住处远近"


async def test_contacts_come_in_their_order_and_a_second_time_nothing(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    await sent(supervisor, a_file(line("白一禾", 70)), dry_run=False)
    (made,) = (await supervisor.get("/elders", params={"query": "白一禾"})).json()["items"]
    rows = [
        f"{made['id']},,1,白女儿,女儿,13900000001,十分钟",
        f",{identity_number(70)},2,白邻居,邻居,13900000002,隔壁",
    ]
    file = "\n".join((CONTACTS, *rows)).encode()
    assert counts(await sent(supervisor, file, sheet="contacts")) == (2, 0, 0, False)
    assert counts(await sent(supervisor, file, sheet="contacts", dry_run=False)) == (2, 0, 0, True)
    writes = len(await world.rows("SELECT 1 FROM audit"))
    assert counts(await sent(supervisor, file, sheet="contacts", dry_run=False)) == (0, 0, 2, True)
    assert len(await world.rows("SELECT 1 FROM audit")) == writes
    profile = (await supervisor.get(f"/elders/{made['id']}")).json()
    assert [(one["name"], one["relation"]) for one in profile["contacts"]] == [("白女儿", "女儿"), ("白邻居", "邻居")]
    moved = file.decode().replace("白女儿,女儿", "白儿子,儿子").encode()
    assert counts(await sent(supervisor, moved, sheet="contacts", dry_run=False)) == (0, 1, 1, True)
    told = (await supervisor.get("/elder-sheet", params={"format": "csv", "sheet": "contacts"})).content
    assert "白儿子" in told.decode("utf-8-sig")
    assert "13900000001" not in told.decode("utf-8-sig")
    again = await sent(supervisor, told, sheet="contacts", dry_run=False)
    assert (again["faults"], again["added"], again["changed"], again["written"]) == ([], 0, 0, True)


async def test_a_contact_that_will_not_do_says_where_and_what_to_write(
    world: World, supervisor: httpx.AsyncClient
) -> None:
    elder_id, foreign = world.elders["north"], identity_number(99)
    rows = [
        f"{elder_id},,9,甲,女儿,13900000003,",
        f"{elder_id},,零,乙,女儿,13900000003,",
        f"{elder_id},,1,丙,女儿,139****0003,",
        f",{foreign},1,丁,女儿,13900000003,",
        f"{elder_id},,1,,女儿,13900000003,",
    ]
    report = await sent(supervisor, "\n".join((CONTACTS, *rows)).encode(), sheet="contacts", dry_run=False)
    assert sorted((one["sheet"], one["row"], one["column"], one["value"]) for one in report["faults"]) == [
        ("联系人", 2, "顺序", "9"),
        ("联系人", 3, "顺序", "零"),
        ("联系人", 4, "电话", "139****0003"),
        ("联系人", 5, "老人身份证号", ""),
        ("联系人", 6, "姓名", ""),
    ]
    assert all(one["mend"]["zh"] and one["mend"]["en"] for one in report["faults"])
    assert report["written"] is False
