"""An export before it is a file: what is said of the whole, its tables, and how each figure is counted. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from services.elders.model import Region
from services.metrics.exports.words import Say, moment, month_ranges, month_words
from services.metrics.handlers import Detail, FigureRow, Shown
from services.metrics.model import Definition, Figure, Subject
from services.metrics.store_exports import Reasons
from services.metrics.store_figures import Span
from services.metrics.store_months import ClosedMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Of what, when and by whom an export is made."""

    region: Region
    span: Span
    made_at: datetime
    made_by: str
    closed: Sequence[ClosedMonth]
    simulated: Sequence[date]
    reasons: Reasons
    restated: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    label: str
    key: str
    definition: Definition
    figure: Figure
    before: Figure | None = None


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    of: str
    """What its lines are: figures, regions, providers, days."""
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Report:
    name: str
    """Of the file, without its ending."""
    title: str
    about: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    definitions: Sequence[Definition]
    asked: Asked
    say: Say = field(repr=False)

    def left_out(self, definition: Definition) -> str:
        """Each reason with how many rows it leaves out."""
        counts = self.asked.reasons.get(definition.id, {})
        some = [f"{self.say.of(one.says)} {counts.get(one.code, 0):,}" for one in definition.excluded]
        return self.say("comma").join(some) or self.say("nothing_left_out")

    def note(self, line: Line) -> str:
        """That too few were counted, or that it was restated."""
        if line.figure.too_few:
            return self.say.value(line.definition, line.figure)
        return self.say("restated_words") if self.restated(line) else ""

    def restated(self, line: Line) -> bool:
        """Of the whole region: which part of it was is in the list of restatements."""
        return line.before is not None and self.asked.restated.get(line.definition.id, 0) > 0


def of_page(shown: Sequence[Shown], asked: Asked, say: Say) -> Report:
    lines = [
        Line(
            label=say.of(one.definition.name), key=one.definition.id, definition=one.definition, figure=one.figure,
            before=one.before,
        )
        for one in shown
    ]  # fmt: skip
    title = f"{asked.region.name} {say('title')}"
    section = Section(say("title"), say("figure"), lines)
    definitions = [one.definition for one in shown]
    return Report(_name("figures", asked), title, _about(asked, say), [section], definitions, asked, say)


_PARTS = {
    Subject.CASE: ("by_model", "model"), Subject.VISIT: ("by_provider", "provider"),
    Subject.REGISTER: ("by_risk", "risk"),
}  # fmt: skip


def of_figure(found: Detail, asked: Asked, say: Say) -> Report:
    definition = found.definition
    whole = Line(
        label=asked.region.name, key=asked.region.code, definition=definition, figure=found.figure, before=found.before
    )

    def section(title: str, of: str, rows: Sequence[FigureRow], nameless: str = "") -> list[Section]:
        lines = [
            Line(label=_label(row, nameless, say), key=row.key, definition=definition, figure=row.figure)
            for row in rows
        ]
        return [Section(say(title), say(of), lines)] if lines else []

    sections = [
        Section(say("whole"), say("region"), [whole]),
        *section("by_region", "region", found.regions, say("nowhere")),
        *section(*_PARTS[definition.subject], found.parts, say("no_model")),
        *section("by_time", "time", found.course),
    ]
    title = f"{asked.region.name} {say.of(definition.name)}"
    name = _name(f"figure-{definition.id}", asked)
    return Report(name, title, _about(asked, say), sections, [definition], asked, say)


def _label(row: FigureRow, nameless: str, say: Say) -> str:
    if row.key in ("weekly", "monthly"):
        return say(row.key)
    return row.name or nameless


def _name(what: str, asked: Asked) -> str:
    first, last = month_words(asked.span.first), month_words(asked.span.last)
    return f"{what}-{asked.region.code}-{first}" + (f"-{last}" if last != first else "")


def _about(asked: Asked, say: Say) -> list[tuple[str, str]]:
    lines = [
        (say("region"), f"{asked.region.name} ({asked.region.code})"),
        (say("span"), say("to", first=asked.span.first, last=asked.span.last)),
        (say("made"), moment(asked.made_at)),
        (say("by"), asked.made_by),
    ]
    for one in asked.closed:
        said = f"{month_words(one.month)} · {moment(one.closed_at)} · {say('digest')} {one.digest}"
        lines.append((say("closed"), said))
    closed = {one.month for one in asked.closed}
    if still := [month for month in asked.span.each if month not in closed]:
        lines.append((say("open"), f"{say('comma').join(month_ranges(still))} · {say('open_words')}"))
    if count := sum(asked.restated.values()):
        lines.append((say("restated"), f"{count:,} · {say('restated_words')}"))
    if asked.simulated:
        months = say("comma").join(month_ranges(asked.simulated))
        lines.append((say("simulated"), f"{months} · {say('simulated_words')}"))
    return lines
