"""Draws docs/provider-states.md from the table of moves: `python -m tests.architecture.provider_states_page`."""

from pathlib import Path

from services.providers.model import MOVES, ProviderMove, ProviderState
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "provider-states.md"

WORDS = {
    ProviderMove.ADMIT: "the city registers the organisation with its licence and the regions it serves",
    ProviderMove.SUSPEND: "for a while: its offers are not shown, its orders wait; what it has done stays",
    ProviderMove.RESUME: "the reason for suspending it is mended",
    ProviderMove.LEAVE: "it serves no longer; its orders end without a fee; its history stays",
    ProviderMove.READMIT: "it comes back under the same licence number",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The states of a provider",
            "",
            "Drawn from `MOVES` in `services/providers/model.py` by",
            "`python -m tests.architecture.provider_states_page`; a test refuses a page that does not fit the table.",
            "",
            *arrows(MOVES, f"{ProviderState.ACTIVE}: {ProviderMove.ADMIT}"),
            "",
            *table(MOVES, ProviderState, [move for move in ProviderMove if move != ProviderMove.ADMIT]),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
