"""The lines of an export as cells: numbers for sheets, words for print. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from services.metrics.exports.report import Line, Report
from services.metrics.exports.words import NOTHING
from services.metrics.model import FigureUnit

Cell = str | int | float | None
Kind = Literal["text", "count", "share", "seconds"]


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    kind: Kind
    of: Callable[[Line], Cell]


def columns(report: Report, first: str) -> list[Column]:
    """Each value in a cell of its own, as a number. :param first: what the lines are"""
    say = report.say
    return [
        Column(first, "text", lambda line: line.label),
        Column(say("key"), "text", lambda line: line.key),
        Column(say("version"), "count", lambda line: line.definition.version),
        Column(say("share"), "share", lambda line: line.figure.share),
        Column(say("low"), "share", lambda line: line.figure.low),
        Column(say("high"), "share", lambda line: line.figure.high),
        Column(say("median_s"), "seconds", lambda line: line.figure.median_s),
        Column(say("p95_s"), "seconds", lambda line: line.figure.p95_s),
        Column(say("hits"), "count", _hits),
        Column(say("n"), "count", lambda line: line.figure.n),
        Column(say("excluded"), "count", lambda line: line.figure.excluded),
        Column(say("target"), "text", lambda line: say.target(line.definition)),
        Column(say("met"), "text", lambda line: say.met(line.figure)),
        Column(say("before"), "text", lambda line: say.value(line.definition, line.before) if line.before else ""),
        Column(say("note"), "text", report.note),
    ]


def _hits(line: Line) -> Cell:
    """Of a duration nothing is met or missed one by one."""
    return line.figure.hits if line.definition.unit is FigureUnit.SHARE else None


def printed(report: Report, first: str) -> tuple[list[str], Callable[[Line], Sequence[str]]]:
    """Titles, and of a line its cells, as the pages say it."""
    say = report.say
    titles = [first, *(say(name) for name in ("result", "interval", "counted", "excluded", "target", "before"))]

    def cells(line: Line) -> Sequence[str]:
        figure, share = line.figure, line.definition.unit is FigureUnit.SHARE
        restated = " *" if report.restated(line) else ""
        target = f"{say.target(line.definition)} {say.met(figure)}".strip()
        return (
            line.label,
            say.value(line.definition, figure) + restated,
            say.range(figure),
            f"{figure.hits:,} / {figure.n:,}" if share else f"{figure.n:,}",
            f"{figure.excluded:,}",
            target or NOTHING,
            say.value(line.definition, line.before) if line.before else NOTHING,
        )

    return titles, cells
