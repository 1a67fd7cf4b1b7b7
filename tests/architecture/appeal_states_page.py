"""Draws docs/appeal-states.md from the table of moves: `python -m tests.architecture.appeal_states_page`."""

from pathlib import Path

from services.metrics.stars.model import APPEAL_MOVES, AppealMove, AppealState
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "appeal-states.md"
MOVES = {(before, move): after for (before, move), after in APPEAL_MOVES.items() if before is not None}

WORDS = {
    AppealMove.FILE: "the provider says which numbers are wrong; everybody reads from now on that it has appealed",
    AppealMove.UPHOLD: "who answers for all regions of the provider takes the stars of that month back",
    AppealMove.REJECT: "the stars stay as they were published",
    AppealMove.WITHDRAW: "the provider no longer asks; the stars stay",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The states of an appeal against stars",
            "",
            "Drawn from `APPEAL_MOVES` in `services/metrics/stars/model.py` by",
            "`python -m tests.architecture.appeal_states_page`; a test refuses a page that does not fit the table.",
            "There is one appeal for each provider and month.",
            "",
            *arrows(MOVES, f"{AppealState.OPEN}: {AppealMove.FILE}"),
            "",
            *table(MOVES, AppealState, [move for move in AppealMove if move != AppealMove.FILE]),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
