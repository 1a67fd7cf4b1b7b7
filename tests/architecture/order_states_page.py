"""Draws docs/order-states.md from the tables of moves: `python -m tests.architecture.order_states_page`."""

from itertools import product
from pathlib import Path

from services.orders.states import (
    ORDER_MOVES,
    OVER,
    VISIT_MOVES,
    OrderMove,
    OrderState,
    VisitMove,
    VisitState,
    followed,
)
from tests.architecture.states_drawing import arrows, meanings, table

PAGE = Path(__file__).parents[2] / "docs" / "order-states.md"

VISIT_WORDS = {
    VisitMove.ASSIGN: "dispatch, or a person, gives it a worker and a time; nobody outside is told yet",
    VisitMove.RETIME: "the same worker at another time; both sides are told anew",
    VisitMove.OFFER: "the worker is told and has some minutes to answer (10, as data)",
    VisitMove.ACCEPT: "the worker agrees; the family sees who comes",
    VisitMove.DECLINE: "the worker cannot come, before or after agreeing; they are not asked again",
    VisitMove.EXPIRE: "nobody answered the offer in time",
    VisitMove.RELEASE: "a dispatcher, or granted leave, takes it from the worker",
    VisitMove.WAIT: "dispatch has found nobody: the reason is kept",
    VisitMove.LOCK: "a person decides that dispatch does not move it",
    VisitMove.UNLOCK: "dispatch may move it again",
    VisitMove.SET_OUT: "the worker is on the way; from here the family sees where",
    VisitMove.BEGIN: "the service begins; also later, from a phone that was without network",
    VisitMove.END: "the service is done",
    VisitMove.NOT_MET: "the elder was not there",
    VisitMove.INTERRUPT: "it could not be ended: the elder was taken to hospital, …",
    VisitMove.MISS: "nobody came; said by a person, or by a rule of the city",
    VisitMove.DROP: "the order is cancelled",
    VisitMove.REPLAN: "the order is moved to another time",
}
ORDER_WORDS = {
    OrderMove.PLACE: "a family or an operator orders",
    OrderMove.CANCEL: "with the fee that its notice costs, if any; not once a visit is in service",
    OrderMove.RESCHEDULE: "to another time, under what holds then; its visits wait again",
    OrderMove.DISPUTE: "family or call centre: it was not as the platform says",
    OrderMove.SETTLE: "the call centre ends the dispute; the order is again what its visits say",
}


def _pairs() -> list[str]:
    """What two visits make of an order."""
    rows = [
        f"| `{one}` | " + " | ".join(f"`{followed([one, other])}`" for other in VisitState) + " |" for one in VisitState
    ]
    head = "| one visit, the other | " + " | ".join(f"`{other}`" for other in VisitState) + " |"
    return [head, "|" + "---|" * (len(VisitState) + 1), *rows]


def drawn() -> str:
    own = {key: state for key, state in ORDER_MOVES.items() if state is not None}
    alone = [f"| `{state}` | `{followed([state])}` |" for state in VisitState]
    over = {followed(pair) for pair in product(OVER, OVER)}
    settled = ", ".join(f"`{state}`" for state in OrderState if state in over)
    return "\n".join(
        [
            "# The states of an order and of its visits",
            "",
            "Drawn from the tables in `services/orders/states.py` by `python -m tests.architecture.order_states_page`;",
            "a test refuses a page that does not fit them.",
            "",
            "## A visit",
            "",
            *arrows(VISIT_MOVES, f"{VisitState.WAITING}"),
            "",
            *table(VISIT_MOVES, VisitState, list(VisitMove)),
            "",
            *meanings(VISIT_WORDS),
            "",
            "## An order",
            "",
            "Its state follows from its visits. Of one visit:",
            "",
            "| the visit | the order |",
            "|---|---|",
            *alone,
            "",
            "Of two:",
            "",
            *_pairs(),
            "",
            "Moves of the order itself:",
            "",
            *arrows(own, f"{OrderState.PLACED}: {OrderMove.PLACE}"),
            "",
            *meanings(ORDER_WORDS),
            "",
            f"`settle` leads from `disputed` to what the visits say: {settled}.",
            "",
        ]
    )


if __name__ == "__main__":
    PAGE.write_text(drawn(), "utf-8")
