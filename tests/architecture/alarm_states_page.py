"""Draws docs/alarm-states.md from the table of moves: `python -m tests.architecture.alarm_states_page`."""

from collections import defaultdict
from pathlib import Path

from services.alarms.model import HELD, MOVES, RINGS, AlarmMove, AlarmState

PAGE = Path(__file__).parents[2] / "docs" / "alarm-states.md"

WORDS = {
    AlarmMove.OPEN: "an event of a device opens the case",
    AlarmMove.PRESS: "the same alarm of the same person again: joins, counts, rings",
    AlarmMove.GROW: "an event heard before with more data (a fix found since): the case learns it; no press, no ring",
    AlarmMove.CANCEL_REPORTED: "the device took a fall back: annotated, never hidden",
    AlarmMove.CLAIM: "an operator takes it; exactly one gets it; devices are told `answered`",
    AlarmMove.CALL: "the holder calls someone",
    AlarmMove.CALL_DONE: "how the call ended",
    AlarmMove.RESPOND: "someone is sent",
    AlarmMove.NOTE: "a note by anyone who may see the case",
    AlarmMove.RELEASE: "the holder (or a supervisor) gives it back",
    AlarmMove.LAPSE: "60 s without activity, or 10 s without the holder's console: top of the queue, rings",
    AlarmMove.CLOSE: "with an outcome code; devices are told `closed`",
    AlarmMove.REOPEN: "closed too early: rings again",
}


def drawn() -> str:
    between: dict[tuple[AlarmState, AlarmState], list[str]] = defaultdict(list)
    for (state, move), after in MOVES.items():
        between[state, after].append(move.value)
    arrows = [f"    {state} --> {after}: {', '.join(moves)}" for (state, after), moves in between.items()]
    rows = [
        f"| `{state}` | "
        + " | ".join(f"`{MOVES[state, move]}`" if (state, move) in MOVES else "" for move in _MOVES)
        + " |"
        for state in AlarmState
    ]
    return "\n".join(
        [
            "# The states of an alarm case",
            "",
            "Drawn from `MOVES` in `services/alarms/model.py` by `python -m tests.architecture.alarm_states_page`;",
            "a test refuses a page that does not fit the table.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            f"    [*] --> {AlarmState.OPEN}: {AlarmMove.OPEN}",
            *arrows,
            "```",
            "",
            f"Held by one operator, on a lease: {', '.join(f'`{state}`' for state in AlarmState if state in HELD)}.",
            f"Moves that ring: {', '.join(f'`{move}`' for move in AlarmMove if move in RINGS)}.",
            "",
            "| from | " + " | ".join(f"`{move}`" for move in _MOVES) + " |",
            "|" + "---|" * (len(_MOVES) + 1),
            *rows,
            "",
            "| move | what happens |",
            "|---|---|",
            *(f"| `{move}` | {WORDS[move]} |" for move in AlarmMove),
            "",
        ]
    )


_MOVES = [move for move in AlarmMove if move != AlarmMove.OPEN]

if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
