"""Figures as files: what a spreadsheet program, a person and a printer get."""

import csv
import io
from datetime import UTC, date, datetime
from uuid import UUID

import openpyxl
import pypdfium2
import pytest

from services.elders.model import Region
from services.metrics.exports import report, writing_csv, writing_pdf, writing_xlsx
from services.metrics.exports.report import Asked, Report
from services.metrics.exports.words import SAYS, Lang, Say, month_ranges
from services.metrics.handlers import Detail, FigureRow, Shown
from services.metrics.kpis import DEFINITIONS
from services.metrics.model import Counts, Definition, FigureUnit
from services.metrics.rules import bucket_of, figure_of
from services.metrics.store_figures import Span
from services.metrics.store_months import ClosedMonth

MANY = Counts(n=2_000, hits=1_905, excluded=123, buckets=((bucket_of(15), 1_500), (bucket_of(190), 500)))
FEW = Counts(n=3, hits=3, excluded=1)
SEPTEMBER = date(2026, 9, 1)
FORMULA = '=HYPERLINK("http://x","y")'


def asked(**changes: object) -> Asked:
    fields: dict[str, object] = {
        "region": Region(code="4202", name="黄石市", level="city", parent_code=None), "span": Span(first=SEPTEMBER),
        "made_at": datetime(2026, 12, 1, 3, 4, 5, tzinfo=UTC), "made_by": "民政科员", "closed": [], "simulated": [],
        "reasons": {"visits_on_time": {"cancelled": 120, "not_over": 3}}, "restated": {}, **changes,
    }  # fmt: skip
    return Asked(**fields)  # type: ignore[arg-type]


def a_page(lang: Lang = "zh", counts: Counts = MANY, **changes: object) -> Report:
    shown = [Shown(definition=one, figure=figure_of(one, counts), before=figure_of(one, counts)) for one in DEFINITIONS]
    return report.of_page(shown, asked(**changes), Say(lang))


def definition(id_: str) -> Definition:
    return next(one for one in DEFINITIONS if one.id == id_)


def a_figure(lang: Lang = "zh", **changes: object) -> Report:
    one = definition("visits_on_time")

    def row(key: str, name: str, counts: Counts = MANY) -> FigureRow:
        return FigureRow(key=key, name=name, figure=figure_of(one, counts))

    detail = Detail(
        definition=one,
        figure=figure_of(one, MANY),
        before=figure_of(one, FEW),
        regions=[row("420202", "黄石港区"), row("420281", FORMULA, FEW), row("", "")],
        parts=[row("p1", "<b>𠮷&\x01龘</b>")],
        course=[row(f"2026-09-{day:02d}", f"2026-09-{day:02d}") for day in range(1, 31)],
    )
    return report.of_figure(detail, asked(**changes), Say(lang))


def test_every_word_is_there_in_both_languages() -> None:
    assert all(words.zh and words.en for words in SAYS.values())


def test_a_sheet_has_numbers_as_numbers_and_each_figures_definition() -> None:
    book = openpyxl.load_workbook(io.BytesIO(writing_xlsx.written(a_page())))
    table, definitions, about = book.worksheets
    titles = [cell.value for cell in table[3]]
    rows = {row[1].value: dict(zip(titles, row, strict=True)) for row in table.iter_rows(min_row=4)}
    assert rows.keys() == {one.id for one in DEFINITIONS}
    on_time = rows["visits_on_time"]
    assert (on_time["比率"].value, on_time["比率"].number_format) == (1_905 / 2_000, "0.0%")
    assert (on_time["达标"].value, on_time["计入"].value, on_time["不计"].value) == (1_905, 2_000, 123)
    assert (on_time["目标"].value, on_time["是否达标"].value) == ("≥ 95%", "达标")
    answered = rows["alarm_answer_time"]
    assert (answered["比率"].value, answered["中位时长（秒）"].value) == (None, pytest.approx(15, rel=0.01))
    told = {row[1].value: [cell.value for cell in row] for row in definitions.iter_rows(min_row=4)}
    assert "取消（不含因无人可派而取消的） 120，尚未结束 3" in told["visits_on_time"]
    assert told["visits_on_time"][2] == definition("visits_on_time").version
    assert ("制表人", "民政科员") in [(row[0].value, row[1].value) for row in about.iter_rows()]
    assert ("制表时间", "2026-12-01 11:04:05 (UTC+8)") in [(row[0].value, row[1].value) for row in about.iter_rows()]


def test_a_figure_has_a_sheet_for_each_of_its_tables_and_no_cell_is_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(writing_xlsx.written(a_figure())))
    assert book.sheetnames == ["总体", "按区域", "按服务商", "按时间", "定义", "制表时间"]
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    regions = [row[0].value for row in book["按区域"].iter_rows(min_row=4)]
    assert regions == ["黄石港区", "'" + FORMULA, "未绑定老人的设备"]
    assert book["按时间"].max_row == 3 + 30


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_row_of_csv_says_all_that_must_be_known_to_use_it_alone(lang: Lang) -> None:
    written = writing_csv.written(a_figure(lang))
    assert written.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"))))
    assert len(rows) == 1 + 3 + 1 + 30
    say = Say(lang)
    for row in rows:
        assert row[say("code")] == "visits_on_time"
        assert row[say("numerator")] == say.of(definition("visits_on_time").numerator)
        assert (row[say("version")], row[say("made")]) == ("1", "2026-12-01 11:04:05 (UTC+8)")
        assert row[say("by")] == "民政科员"
    assert float(rows[0][say("share")]) == 1_905 / 2_000
    few = rows[2]
    assert (few[say("of")], few[say("share")]) == ("'" + FORMULA, "")
    assert few[say("note")] == say("too_few", n=3, least=20)


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def test_a_pdf_shows_chinese_with_every_figure_and_its_definition() -> None:
    pages = text_of(writing_pdf.written(a_page()))
    said = "".join(pages)
    for one in DEFINITIONS:
        assert one.name.zh in said
        assert f"{one.id} · 第 {one.version} 版" in said
    for words in ("黄石市 服务质量指标", "民政科员", "95.2%", "1,905 / 2,000", "取消（不含因无人可派而取消的） 120"):
        assert words in said, words
    assert [f"第 {n} 页，共 {len(pages)} 页" in page for n, page in enumerate(pages, start=1)] == [True] * len(pages)


def test_ink_is_on_the_page_where_the_chinese_title_stands() -> None:
    """Text that can be read out is not yet text that can be seen."""
    page = pypdfium2.PdfDocument(writing_pdf.written(a_page()))[0]
    image = page.render(scale=1).to_pil().convert("L")
    title = image.crop((45, 45, 200, 75))
    assert 0.05 < sum(value < 128 for value in title.tobytes()) / (title.width * title.height) < 0.5


def test_a_pdf_takes_no_name_for_markup_and_marks_what_its_font_lacks() -> None:
    said = "".join(text_of(writing_pdf.written(a_figure())))
    assert "<b>〓&" in said
    assert FORMULA in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_closed_restated_or_simulated_is_said_in_every_file(lang: Lang) -> None:
    say = Say(lang)
    closed = ClosedMonth(
        month=SEPTEMBER, closed_at=datetime(2026, 10, 2, tzinfo=UTC), closed_by=UUID(int=1), facts=9, digest="ab" * 32
    )
    made = a_page(lang, closed=[closed], restated={"visits_on_time": 2}, simulated=[SEPTEMBER])
    pdf = "".join(text_of(writing_pdf.written(made))).replace("\r\n", "")
    for words in ("ab" * 32, say("simulated_words"), f"* {say('restated_words')}", "95.2% *"):
        assert words.replace(" ", "") in pdf.replace(" ", ""), words
    rows = {row[say("code")]: row for row in csv.DictReader(io.StringIO(writing_csv.written(made).decode("utf-8-sig")))}
    on_time = rows["visits_on_time"]
    assert (on_time[say("closed")], on_time[say("simulated")], on_time[say("restated")]) == ("2026-09", "2026-09", "2")
    assert on_time[say("note")] == say("restated_words")
    about = openpyxl.load_workbook(io.BytesIO(writing_xlsx.written(made))).worksheets[-1]
    assert any(say("simulated_words") in str(cell.value) for row in about.iter_rows() for cell in row)


def test_of_too_few_no_file_says_a_result() -> None:
    made = a_page(counts=FEW)
    rows = list(csv.DictReader(io.StringIO(writing_csv.written(made).decode("utf-8-sig"))))
    for row, one in zip(rows, DEFINITIONS, strict=True):
        few = one.minimum_n > FEW.n
        assert (row["比率"] == "") == (few or one.unit is FigureUnit.SECONDS), one.id
        assert ("样本不足" in row["备注"]) == few, one.id
    assert f"样本不足（{FEW.n}，至少 20）" in "".join(text_of(writing_pdf.written(made)))


def test_months_that_follow_each_other_are_said_as_one() -> None:
    assert month_ranges([]) == []
    months = [date(2025, 12, 1), date(2026, 1, 1), date(2026, 3, 1)]
    assert month_ranges(months) == ["2025-12 – 2026-01", "2026-03"]
    made = dict(a_page(span=Span(first=date(2025, 12, 1), months=3), simulated=months[:2]).about)
    assert made["未结账"] == "2025-12 – 2026-02 · 数字还会变"
    assert made["模拟数据"] == "2025-12 – 2026-01 · 是模拟的历史，不是真实的服务"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 秒"), (42, "42 秒"), (59.6, "1 分"), (185, "3 分 5 秒"), (7_800, "2 小时 10 分"), (7_200, "2 小时")],
)
def test_durations_are_said_as_on_the_pages(seconds: float, said: str) -> None:
    assert Say("zh").duration(seconds) == said
