"""An export as CSV: one row for each line, each with all that must be known to use it alone."""

import csv
import io
from collections.abc import Iterable
from datetime import date

from services.metrics.exports.cells import Cell, columns
from services.metrics.exports.report import Report
from services.metrics.exports.words import moment, month_words
from services.sheets.writing import harmless


def written(report: Report) -> bytes:
    """With a byte order mark, so that Excel reads it as UTF-8."""
    say, asked = report.say, report.asked
    kept = io.StringIO()
    writer = csv.writer(kept)
    more = ["code", "since", "numerator", "denominator", "left_out", "source", "least", "closed", "restated"]
    more += ["simulated", "region", "span", "made", "by"]
    titles = [column.title for column in columns(report, say("of"))]
    writer.writerow([say("split"), *titles, *(say(name) for name in more)])
    closed, simulated = _months(one.month for one in asked.closed), _months(asked.simulated)
    span = say("to", first=asked.span.first, last=asked.span.last)
    whole = [simulated, asked.region.name, span, moment(asked.made_at), asked.made_by]
    for section in report.sections:
        for line in section.lines:
            one = line.definition
            known: list[Cell] = [
                one.id, one.since.isoformat(), say.of(one.numerator), say.of(one.denominator), report.left_out(one),
                one.target.source if one.target else "", one.minimum_n, closed, asked.restated.get(one.id, 0), *whole,
            ]  # fmt: skip
            cells = [column.of(line) for column in columns(report, section.of)]
            writer.writerow([_text(cell) for cell in (section.title, *cells, *known)])
    return kept.getvalue().encode("utf-8-sig")


def _months(months: Iterable[date]) -> str:
    return " ".join(month_words(one) for one in months)


def _text(cell: Cell) -> str:
    """Numbers as they are; no text is taken for a formula."""
    if cell is None:
        return ""
    return harmless(cell) if isinstance(cell, str) else repr(cell)
