"""One line of the doctor's report."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["well", "note", "wrong"]
_MARKS: dict[Verdict, str] = {"well": "✓", "note": "·", "wrong": "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    what: str
    mend: str = ""

    def line(self) -> str:
        mend = f"\n      → {self.mend}" if self.mend else ""
        return f"  {_MARKS[self.verdict]} {self.what}{mend}"


def well(what: str) -> Finding:
    return Finding("well", what)


def note(what: str, mend: str = "") -> Finding:
    """Worth knowing, nothing to mend now."""
    return Finding("note", what, mend)


def wrong(what: str, mend: str) -> Finding:
    return Finding("wrong", what, mend)


@dataclass(slots=True)
class Findings:
    """What one part of the examination found."""

    title: str
    lines: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        self.lines.append(finding)

    def add_all(self, findings: Iterable[Finding]) -> None:
        self.lines.extend(findings)

    @contextmanager
    def must(self, what: str, mend: str, *errors: type[BaseException]) -> Iterator[None]:
        """Any of these errors is the finding."""
        try:
            yield
        except errors as error:
            said = str(error).strip().splitlines()
            self.add(wrong(f"{what}: {said[-1] if said else type(error).__name__}", mend))
