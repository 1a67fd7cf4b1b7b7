"""Draws docs/life-states.md from the table of moves: `python -m tests.architecture.life_states_page`."""

from pathlib import Path

from services.elders.life.model import MOVES, LifeMove, LifeState
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "life-states.md"

WORDS = {
    LifeMove.TO_HOSPITAL: "from a day on, until one if it is known: nobody comes meanwhile; again: other days",
    LifeMove.GO_AWAY: "the same, somewhere else",
    LifeMove.COME_HOME: "from that day on what recurs goes on by itself",
    LifeMove.RELOCATE: "within the city: what was open at the old address ends, the new county sees her",
    LifeMove.MOVE_OUT: "out of the city: everything ends from that day",
    LifeMove.RETURN: "back in the city",
    LifeMove.DIE: "everything ends; her family is told once and asked nothing more",
    LifeMove.CORRECT: "a death was said by mistake: within 30 days, by a supervisor",
}


def drawn() -> str:
    return "\n".join(
        [
            "# The states of an elder's life",
            "",
            "Drawn from `MOVES` in `services/elders/life/model.py` by",
            "`python -m tests.architecture.life_states_page`; a test refuses a page that does not fit the table.",
            "",
            *arrows(MOVES, str(LifeState.AT_HOME)),
            "",
            *table(MOVES, LifeState, list(LifeMove)),
            "",
            *meanings(WORDS),
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
