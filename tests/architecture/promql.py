"""What a PromQL expression asks for, and which labels its answer has."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser as promql

OF_THE_SCRAPE = frozenset({"job", "instance"})


class Mistaken(AssertionError):
    """The expression would be answered with nothing, or with something else than it says."""


@dataclass(frozen=True, slots=True)
class Question:
    """One expression; in a dashboard the rate's interval is Grafana's."""

    text: str

    @property
    def tree(self) -> Any:
        return promql.parse(self.text.replace("$__rate_interval", "5m"))

    def selectors(self) -> Iterator[Any]:
        found: list[Any] = []
        promql.walk(self.tree, lambda node: found.append(node) if isinstance(node, promql.VectorSelector) else None)
        yield from found

    def names(self) -> set[str]:
        return {one.name for one in self.selectors()}

    def jobs(self) -> set[str]:
        """Every job it names."""
        return {
            job
            for one in self.selectors()
            for matcher in one.matchers.matchers
            if matcher.name == "job"
            for job in matcher.value.split("|")
        }

    def labels(self, series: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Of its answer. :raises Mistaken:"""
        found = _Labels(series).of(self.tree)
        if found is None:
            raise Mistaken(f"{self.text} is a number, not a series")
        return found


class _Labels:
    def __init__(self, series: Mapping[str, frozenset[str]]) -> None:
        self._series = series
        self._kinds: dict[type, Callable[[Any], frozenset[str] | None]] = {
            promql.VectorSelector: self._selector,
            promql.MatrixSelector: lambda node: self.of(node.vector_selector),
            promql.Call: self._call,
            promql.AggregateExpr: self._aggregate,
            promql.BinaryExpr: self._binary,
            promql.ParenExpr: lambda node: self.of(node.expr),
            promql.UnaryExpr: lambda node: self.of(node.expr),
            promql.NumberLiteral: lambda _: None,
        }

    def of(self, node: Any) -> frozenset[str] | None:
        """None: a number."""
        return self._kinds[type(node)](node)

    def _selector(self, node: Any) -> frozenset[str]:
        if node.name not in self._series:
            raise Mistaken(f"nobody counts {node.name}")
        has = self._series[node.name] | OF_THE_SCRAPE
        if strange := {matcher.name for matcher in node.matchers.matchers} - has:
            raise Mistaken(f"{node.name} has no {sorted(strange)}")
        return has

    def _call(self, node: Any) -> frozenset[str]:
        parts = [labels for labels in map(self.of, node.args) if labels is not None]
        labels = frozenset[str]().union(*parts)
        if node.func.name == "histogram_quantile":
            if "le" not in labels:
                raise Mistaken("a quantile of what has lost its buckets")
            return labels - {"le"}
        if node.func.name == "absent":
            (selector,) = node.args
            return frozenset(matcher.name for matcher in selector.matchers.matchers)
        return labels

    def _aggregate(self, node: Any) -> frozenset[str]:
        inside = self.of(node.expr) or frozenset()
        if node.modifier is None:
            return inside if node.param is not None else frozenset()  # topk keeps them
        if node.modifier.type != promql.AggModifierType.By:
            raise Mistaken("say by which labels, not without which")
        if strange := set(node.modifier.labels) - inside:
            raise Mistaken(f"by {sorted(strange)}, which are not there")
        return frozenset(node.modifier.labels)

    def _binary(self, node: Any) -> frozenset[str] | None:
        left, right = self.of(node.lhs), self.of(node.rhs)
        if left is None or right is None:
            return right if left is None else left
        if str(node.op) == "or":
            return left | right
        if left != right:
            raise Mistaken(f"{sorted(left)} never match {sorted(right)}")
        return left
