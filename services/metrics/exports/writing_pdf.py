"""An export as PDF, to be printed and filed: A4, the tables as the pages show them, and how each figure is counted.

The Chinese font is one of those that every reader of PDF supplies itself (STSong-Light); nothing is embedded.
"""

import io
import re
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from services.metrics.exports.cells import printed
from services.metrics.exports.report import Report, Section

FONT = "STSong-Light"
WIDTHS = (0.24, 0.16, 0.17, 0.13, 0.08, 0.13, 0.09)
MARGIN_MM = 15
_CONTROL = dict.fromkeys([*range(32), *range(127, 160)], " ")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_GETA = "〓"
"""Stands for a character that the font cannot have, as printers put it."""


def written(report: Report) -> bytes:
    from reportlab.lib.pagesizes import A4, landscape  # a quarter of a second, which only PDF has to wait for
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import CondPageBreak, Paragraph, SimpleDocTemplate, Spacer

    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    styles = _styles(report)
    wide = landscape(A4)[0] - 2 * MARGIN_MM * mm
    parts: list[Any] = [Paragraph(_safe(report.title), styles["title"])]
    parts += [Paragraph(_safe(f"{name} {said}".strip()), styles["soft"]) for name, said in report.about]
    for section in report.sections:
        parts += [CondPageBreak(40 * mm), Spacer(1, 4 * mm), Paragraph(_safe(section.title), styles["head"])]
        parts.append(_table(report, section, wide))
    if report.asked.restated:
        parts.append(Paragraph(_safe(f"* {report.say('restated_words')}"), styles["soft"]))
    parts += [CondPageBreak(30 * mm), Spacer(1, 4 * mm), Paragraph(_safe(report.say("definitions")), styles["head"])]
    parts += [Paragraph(_safe(report.say("as_today")), styles["soft"]), *_definitions(report)]
    kept = io.BytesIO()
    document = SimpleDocTemplate(
        kept, pagesize=landscape(A4), title=report.title, author=report.asked.made_by, lang="zh-CN",
        leftMargin=MARGIN_MM * mm, rightMargin=MARGIN_MM * mm, topMargin=MARGIN_MM * mm, bottomMargin=MARGIN_MM * mm,
    )  # fmt: skip
    document.build(parts, canvasmaker=_numbered(report))
    return kept.getvalue()


def _styles(report: Report) -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.enums import TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle

    wrap = "CJK" if report.say.lang == "zh" else None

    def style(name: str, size: float, **more: Any) -> Any:
        return ParagraphStyle(name, fontName=FONT, fontSize=size, leading=size * 1.45, wordWrap=wrap, **more)

    soft = HexColor("#475569")
    return {
        "title": style("title", 16, spaceAfter=6),
        "head": style("head", 12, spaceAfter=4),
        "soft": style("soft", 8.5, textColor=soft),
        "cell": style("cell", 9),
        "defined": style("defined", 9, spaceBefore=4),
        "number": style("number", 9, alignment=TA_RIGHT),
        "column": style("column", 8.5, textColor=soft),
        "column number": style("column number", 8.5, textColor=soft, alignment=TA_RIGHT),
    }


def _safe(text: str) -> str:
    """For a paragraph, which reads a little markup."""
    return escape(_plain(text))


def _plain(text: str) -> str:
    return _RARE.sub(_GETA, text.translate(_CONTROL))


def _table(report: Report, section: Section, wide: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import LongTable, Paragraph, TableStyle

    styles = _styles(report)
    titles, cells = printed(report, section.of)

    def row(texts: Sequence[str], text: str, number: str) -> list[Any]:
        return [Paragraph(_safe(one), styles[number if 1 <= at <= 4 else text]) for at, one in enumerate(texts)]

    rows = [row(titles, "column", "column number"), *(row(cells(line), "cell", "number") for line in section.lines)]
    table = LongTable(rows, colWidths=[wide * share for share in WIDTHS], repeatRows=1)
    line = HexColor("#cbd5e1")
    table.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, 0), 0.8, HexColor("#475569")),
                ("LINEBELOW", (0, 1), (-1, -1), 0.4, line),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        )
    )
    return table


def _definitions(report: Report) -> list[Any]:
    from reportlab.platypus import KeepTogether, Paragraph

    styles, say = _styles(report), report.say
    parts = []
    for one in report.definitions:
        said = [
            (say("numerator" if one.seconds is None else "measured"), say.of(one.numerator)),
            (say("denominator"), say.of(one.denominator)), (say("left_out"), report.left_out(one)),
        ]  # fmt: skip
        if one.target:
            said += [(say("target"), say.target(one)), (say("source"), one.target.source)]
        said.append((say("least"), str(one.minimum_n)))
        version = say("version_words", version=one.version, since=one.since)
        parts.append(
            KeepTogether(
                [
                    Paragraph(_safe(f"{say.of(one.name)} · {one.id} · {version}"), styles["defined"]),
                    Paragraph(_safe(" · ".join(f"{name} {text}" for name, text in said)), styles["soft"]),
                ]
            )
        )
    return parts


def _numbered(report: Report) -> Any:
    """The page and how many there are stand at the foot of each."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    say, (wide, _) = report.say, landscape(A4)
    made = " · ".join(said for _, said in report.about[2:4])

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802  # reportlab's
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, start=1):
                self.__dict__.update(page)
                self.setFont(FONT, 8)
                self.drawString(MARGIN_MM * mm, 8 * mm, _plain(made))
                self.drawRightString(wide - MARGIN_MM * mm, 8 * mm, say("page", n=number, of=len(self._kept)))
                super().showPage()
            super().save()

    return Numbered
