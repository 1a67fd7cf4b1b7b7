"""Draws docs/grant-states.md from the table of moves: `python -m tests.architecture.grant_states_page`."""

from pathlib import Path

from services.accounts.grants.model import MOVES, GrantMove, GrantState
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "grant-states.md"

WORDS = {
    GrantMove.ASK: "the family says for whom, and what it would like to do; it learns nothing about the register",
    GrantMove.CONFIRM: "the elder has agreed, on the telephone, in person, or a document stands for it",
    GrantMove.REFUSE: "the elder does not agree, or nobody on the register fits; the family is not told which",
    GrantMove.WITHDRAW: "the family no longer wants what it has asked for",
    GrantMove.REVOKE: "by the family, or by whoever answers for the elder; it holds for the next request, and no open "
    "page is told of what moves from then on",
    GrantMove.END: "the last day is over",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The states of a grant",
            "",
            "Drawn from `MOVES` in `services/accounts/grants/model.py` by",
            "`python -m tests.architecture.grant_states_page`; a test refuses a page that does not fit the table.",
            "A grant that comes with an account (`yian accounts create --elder`) begins as `confirmed`.",
            "",
            *arrows(MOVES, f"{GrantState.ASKED}: {GrantMove.ASK}"),
            "",
            *table(MOVES, GrantState, [move for move in GrantMove if move != GrantMove.ASK]),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
