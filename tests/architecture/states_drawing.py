"""How a page of states is drawn from a table of moves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)
Move = TypeVar("Move", bound=StrEnum)


def arrows(moves: Mapping[tuple[State, Move], State], first: str) -> list[str]:
    """A Mermaid diagram. `first`: the arrow that makes a row."""
    between: dict[tuple[State, State], list[str]] = defaultdict(list)
    for (state, move), after in moves.items():
        between[state, after].append(move.value)
    drawn = [f"    {state} --> {after}: {', '.join(names)}" for (state, after), names in between.items()]
    return ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}", *drawn, "```"]


def table(moves: Mapping[tuple[State, Move], State], states: type[State], columns: Sequence[Move]) -> list[str]:
    """A row a state, a column a move."""
    rows = [
        f"| `{state}` | "
        + " | ".join(f"`{moves[state, move]}`" if (state, move) in moves else "" for move in columns)
        + " |"
        for state in states
    ]
    return ["| from | " + " | ".join(f"`{move}`" for move in columns) + " |", "|" + "---|" * (len(columns) + 1), *rows]


def meanings(words: Mapping[Move, str]) -> list[str]:
    return ["| move | what happens |", "|---|---|", *(f"| `{move}` | {said} |" for move, said in words.items())]
