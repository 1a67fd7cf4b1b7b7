"""Draws docs/response-states.md from the table of moves: `python -m tests.architecture.response_states_page`."""

from pathlib import Path

from services.response.model import MOVES, Because, Fate, Hold, RunMove
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "response-states.md"

WORDS = {
    RunMove.CLAIM: "an operator holds the case: every step that waits for one is stopped at once",
    RunMove.BACK: "nobody holds it any more (lapsed, given back, opened again): every wait begins anew, in full",
    RunMove.CLOSE: "closed: everything ends",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The run of an escalation plan",
            "",
            "Drawn from `MOVES` in `services/response/model.py` by",
            "`python -m tests.architecture.response_states_page`; a test refuses a page that does not fit the table.",
            "",
            *arrows(MOVES, f"{Hold.UNCLAIMED}: the case opens"),
            "",
            "A run follows its case and may learn of two moves at once, so it also knows their sum: claimed and given",
            "back is a new wait. Each step has one fate in each period:"
            f" {', '.join(f'`{fate}`' for fate in Fate)}; the last two say why:",
            f"{', '.join(f'`{because}`' for because in Because)}.",
            "",
            *table(MOVES, Hold, list(RunMove)),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
