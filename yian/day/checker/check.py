"""All rules, over one city and one of its days."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import psycopg
from psycopg.rows import dict_row

from yian.day.checker import bus as order_bus
from yian.day.checker.rules import Rule, preface, rules

LATE_MIN = 15
"""So long after the latest wished time a visit may begin and still be on time."""
LEAST_ON_TIME = 0.95
NAMED = 20
"""Of what breaks a rule, so many are printed."""


@dataclass(frozen=True, slots=True)
class Held:
    """One rule, and what breaks it."""

    name: str
    promise: str
    broken: list[tuple[str, str]] = field(default_factory=list)
    """Id of an order, visit or notice; what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    rules: list[Held]
    orders: dict[str, dict[str, int]]
    """`today` or `later` → state → how many."""
    due: int
    on_time: int
    late: list[tuple[str, str]]
    notices: int
    records: int
    repeated: int

    @property
    def share_on_time(self) -> float:
        return self.on_time / self.due if self.due else 1.0

    @property
    def all_hold(self) -> bool:
        return self.share_on_time >= LEAST_ON_TIME and not any(rule.broken for rule in self.rules)

    def figures(self) -> dict[str, Any]:
        return {**asdict(self), "share_on_time": round(self.share_on_time, 4), "all_hold": self.all_hold}

    def lines(self) -> Iterator[str]:
        for day, states in self.orders.items():
            yield f"  orders of {'the day' if day == 'today' else 'later days'}: " + ", ".join(
                f"{count} {state}" for state, count in states.items()
            )
        yield f"  notices told {self.notices}; moves on the bus {self.records}, {self.repeated} of them said again"
        sign = "✓" if self.share_on_time >= LEAST_ON_TIME else "✗"
        yield (
            f"  {sign} on time {self.share_on_time:.1%} of {self.due} orders: begun within {LATE_MIN} min of the "
            f"latest wished time ({LEAST_ON_TIME:.0%} are asked)"
        )
        if self.share_on_time < LEAST_ON_TIME:
            yield from _named(self.late)
        for rule in self.rules:
            yield f"  {'✗' if rule.broken else '✓'} {rule.promise}" + (
                f": {len(rule.broken)} not" if rule.broken else ""
            )
            yield from _named(rule.broken)


def _named(broken: list[tuple[str, str]]) -> Iterator[str]:
    for name, says in broken[:NAMED]:
        yield f"      {name}  {says}"
    if len(broken) > NAMED:
        yield f"      … and {len(broken) - NAMED} more"


async def check(database: str, bus: str, day: date) -> Findings:
    """`day`: a business day that is over. The database is left as it was."""
    said = await order_bus.versions_said(bus)
    with psycopg.connect(database, row_factory=dict_row) as books:
        books.execute(preface())
        held = [Held(rule.name, rule.promise, broken(books, rule, day)) for rule in rules()]
        visits, counted, told = (books.execute(one.sql, {"day": day}).fetchall() for one in rules("figures"))
        versions = {str(row["id"]): row["version"] for row in books.execute("SELECT id, version FROM orders")}
        books.rollback()
    held.append(Held("bus", "the bus has every version of every order", order_bus.unsaid(said, versions)))
    orders: dict[str, dict[str, int]] = {}
    for row in counted:
        orders.setdefault(row["of"], {})[row["state"]] = row["orders"]
    late = [(str(row["id"]), _lateness(row)) for row in visits if not _on_time(row["began"], row["wished_until"])]
    return Findings(
        rules=held, orders=orders, due=len(visits), on_time=len(visits) - len(late), late=late,
        notices=told[0]["told"], records=sum(sum(one.values()) for one in said.values()),
        repeated=order_bus.repeated(said),
    )  # fmt: skip


def broken(books: "psycopg.Connection[dict[str, Any]]", rule: Rule, day: date) -> list[tuple[str, str]]:
    """What breaks it: id, and what is wrong with it. The preface has been run on this connection."""
    return [(str(row["id"]), row["says"]) for row in books.execute(rule.sql, {"day": day})]


def _on_time(began: datetime | None, wished_until: datetime) -> bool:
    return began is not None and began <= wished_until + timedelta(minutes=LATE_MIN)


def _lateness(row: dict[str, Any]) -> str:
    if row["began"] is None:
        return f"{row['service_code']} for {row['wished_until']} never begun: {row['state']}"
    minutes = (row["began"] - row["wished_until"]) / timedelta(minutes=1)
    return f"{row['service_code']} begun {minutes:.0f} min after {row['wished_until']}"
