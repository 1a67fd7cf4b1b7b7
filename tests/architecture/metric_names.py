"""The metrics that the code declares, read from its syntax: name of each series → its labels, and who declares it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KINDS = {
    "Counter": ("_total",),
    "CounterMetricFamily": ("_total",),
    "Gauge": ("",),
    "GaugeMetricFamily": ("",),
    "Histogram": ("_bucket", "_sum", "_count"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    name: str
    kind: str
    labels: frozenset[str]
    place: str

    def series(self) -> dict[str, frozenset[str]]:
        stem = self.name.removesuffix("_total") if self.kind.startswith("Counter") else self.name
        return {stem + end: self.labels | ({"le"} if end == "_bucket" else set()) for end in KINDS[self.kind]}


def declared_in(paths: list[Path]) -> list[Declared]:
    return [found for path in paths for found in _declared(ast.parse(path.read_text()), str(path))]


def _declared(tree: ast.AST, place: str) -> Iterator[Declared]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in KINDS:
            continue
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
            yield Declared(node.args[0].value, node.func.id, _labels(node), place)


def _labels(call: ast.Call) -> frozenset[str]:
    given = [keyword.value for keyword in call.keywords if keyword.arg in ("labels", "labelnames")]
    lists = [one for one in (*call.args[2:3], *given) if isinstance(one, ast.List | ast.Tuple)]
    return frozenset(one.value for each in lists for one in each.elts if isinstance(one, ast.Constant))
