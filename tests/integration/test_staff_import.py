"""Importing and exporting a provider's staff over HTTP."""

import io
from typing import Any

import httpx
import openpyxl
import pytest

from services.sheets.model import XLSX
from tests.integration.two_counties import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

TITLES = [
    "姓名",
    "性别",
    "手机号",
    "用工性质",
    "技能",
    "片区",
    "每日上限（分钟）",
    "每周上限（分钟）",
    "每月上限（分钟）",
]


def a_file(workers: list[list[Any]], shifts: list[list[Any]] | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "人员"
    for row in (TITLES, *workers):
        book.active.append(row)
    sheet = book.create_sheet("排班")
    for row in (["手机号", "生效日期", "周一", "周二"], *(shifts or [])):
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


async def sent(client: httpx.AsyncClient, file: bytes, media_type: str = XLSX, **params: Any) -> dict[str, Any]:
    answer = await client.post("/staff-sheet", content=file, params=params, headers={"Content-Type": media_type})
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, bool]:
    return report["added"], report["changed"], report["unchanged"], report["written"]


async def test_a_dry_run_first_then_once_and_a_second_time_nothing(world: World) -> None:
    file = a_file(
        [["周一一", "女", 10144440001, "员工", "bath, meal", 420202006, 480, None, None],
         ["吴二二", "男", "10144440002", "志愿者", None, None, 120, 600, 2400]],
        [["10144440001", "2026-03-01", "08:00-12:00, 13:30-17:30", "22:00-06:00"]],
    )  # fmt: skip
    async with world.signed_in("provider") as client:
        before = (await client.get("/workers")).json()["items"]
        assert counts(await sent(client, file)) == (3, 0, 0, False)
        assert (await client.get("/workers")).json()["items"] == before
        assert counts(await sent(client, file, dry_run=False)) == (3, 0, 0, True)
        writes = len(await world.rows("SELECT 1 FROM audit"))
        assert counts(await sent(client, file, dry_run=False)) == (0, 0, 3, True)
        assert len(await world.rows("SELECT 1 FROM audit")) == writes
        (made,) = (await client.get("/workers", params={"query": "周一一"})).json()["items"]
        assert (made["areas"], made["skills"], made["phone_masked"]) == (["420202006"], ["bath", "meal"], "101****0001")
        schedule = (await client.get(f"/workers/{made['id']}/schedule")).json()
        assert schedule["patterns"][0]["shifts"]["tue"] == [{"from_min": 1320, "to_min": 1800}]


async def test_a_half_bad_file_changes_nothing_unless_told_to_take_the_good_rows(world: World) -> None:
    file = a_file(
        [["郑三三", "女", "10144440003", "员工", "", "420202", 480, "", ""],
         ["冯四四", "女士", "10144440004", "员工", "", "", "", "", ""],
         ["陈五五", "男", "10144440005", "员工", "", "420281", "", "", ""],
         ["褚六六", "男", "10144440006", "志愿者", "", "", 600, 600, 2400],
         ["卫七七", "男", "12a", "员工", "Bath", "", "", "", ""],
         ["郑三三", "女", "10144440003", "员工", "", "", "", "", ""]],
        [["10144440009", "2026-03-01", "08:00-12:00", ""],
         ["10144440003", "2026-03-01", "08:00-12:00, 11:00-13:00", ""]],
    )  # fmt: skip
    async with world.signed_in("provider") as client:
        report = await sent(client, file, dry_run=False)
        assert counts(report) == (1, 0, 0, False)
        assert (report["rows"], report["faulty_rows"]) == (8, 7)
        told = {(one["sheet"], one["row"], one["column"], one["value"]) for one in report["faults"]}
        assert told == {
            ("人员", 3, "性别", "女士"),
            ("人员", 4, "片区", "420281"),
            ("人员", 5, "每日上限（分钟）", "600"),
            ("人员", 6, "手机号", "12a"),
            ("人员", 6, "技能", "Bath"),
            ("人员", 7, "手机号", "10144440003"),
            ("排班", 2, "手机号", "10144440009"),
            ("排班", 3, "周一", "08:00-12:00, 11:00-13:00"),
        }
        assert all(one["mend"]["zh"] and one["mend"]["en"] for one in report["faults"])
        assert not (await client.get("/workers", params={"query": "郑三三"})).json()["items"]
        assert counts(await sent(client, file, dry_run=False, only_good=True)) == (1, 0, 0, True)
        assert len((await client.get("/workers", params={"query": "郑三三"})).json()["items"]) == 1


async def test_what_was_exported_changes_nothing_when_it_is_imported_again(world: World) -> None:
    async with world.signed_in("provider") as client:
        base = {"lat": 30.21, "lon": 115.03, "datum": "BD-09"}
        await client.patch(f"/workers/{world.workers['north']}", json={"base": base}, headers={"If-Match": "*"})
        known = len((await client.get("/workers")).json()["items"])
        file = (await client.get("/staff-sheet")).content
        book = openpyxl.load_workbook(io.BytesIO(file))
        rows = known + book["排班"].max_row - 1
        assert counts(await sent(client, file, dry_run=False)) == (0, 0, rows, True)
        lines = (await client.get("/staff-sheet", params={"format": "csv"})).content
        assert "10177778888" not in lines.decode("utf-8-sig")
        assert counts(await sent(client, lines, "text/csv", dry_run=False)) == (0, 0, known, True)
        changed = lines.decode("utf-8-sig").replace("陈银杏", "陈杏").encode("gb18030")
        assert counts(await sent(client, changed, "text/csv", dry_run=False)) == (0, 1, known - 1, True)
        empty = await sent(client, (await client.get("/staff-sheet/template")).content, dry_run=False)
        assert (empty["rows"], empty["faults"]) == (0, [])
        stranger = lines.decode("utf-8-sig").replace(str(world.workers["north"]), str(world.workers["south"]))
        report = await sent(client, stranger.encode(), "text/csv", dry_run=False)
        assert [(one["column"], report["written"]) for one in report["faults"]] == [("编号", False)]
    assert await world.audited("staff.exported")


async def test_a_file_that_is_too_large_is_refused_before_it_is_read(world: World) -> None:
    async with world.signed_in("provider") as client:
        headers = {"Content-Type": XLSX}
        answer = await client.post("/staff-sheet", content=b"P" * (4 * 1024 * 1024 + 2), headers=headers)
        assert answer.status_code == 413
        report = await sent(client, b"\x00\x01")
        assert [one["code"] for one in report["faults"]] == ["not_a_sheet"]
