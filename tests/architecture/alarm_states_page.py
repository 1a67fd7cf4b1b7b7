"""Draws docs/alarm-states.md from the table of moves: `python -m tests.architecture.alarm_states_page`."""

from pathlib import Path

from services.alarms.model import HELD, MOVES, RINGS, AlarmMove, AlarmState
from tests.architecture.states_drawing import arrows, meanings, table

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
    AlarmMove.ESCALATE: "a step of its escalation plan was taken: somebody was told, or something is suggested",
    AlarmMove.ATTEND: "somebody of the family says to be with her; the operator decides",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The states of an alarm case",
            "",
            "Drawn from `MOVES` in `services/alarms/model.py` by `python -m tests.architecture.alarm_states_page`;",
            "a test refuses a page that does not fit the table.",
            "",
            *arrows(MOVES, f"{AlarmState.OPEN}: {AlarmMove.OPEN}"),
            "",
            f"Held by one operator, on a lease: {', '.join(f'`{state}`' for state in AlarmState if state in HELD)}.",
            f"Moves that ring: {', '.join(f'`{move}`' for move in AlarmMove if move in RINGS)}.",
            "",
            *table(MOVES, AlarmState, [move for move in AlarmMove if move != AlarmMove.OPEN]),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
