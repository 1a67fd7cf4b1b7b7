"""The pages of states say what the tables say."""

import re
from types import ModuleType

import pytest

from services.providers.model import MOVES
from tests.architecture import (
    alarm_states_page,
    appeal_states_page,
    grant_states_page,
    life_states_page,
    order_states_page,
    provider_states_page,
    response_states_page,
)
from yian.servers.places import CHECKOUT


@pytest.mark.parametrize(
    "page",
    [
        alarm_states_page,
        appeal_states_page,
        grant_states_page,
        life_states_page,
        order_states_page,
        provider_states_page,
        response_states_page,
    ],
    ids=lambda page: page.PAGE.stem,
)
def test_a_page_of_states_is_drawn_from_the_table(page: ModuleType) -> None:
    assert page.PAGE.read_text("utf-8") == page.drawn(), f"run: python -m {page.__name__}"


def test_the_page_of_a_provider_offers_the_moves_of_the_table() -> None:
    written = (CHECKOUT / "web" / "src" / "regulator" / "moves.ts").read_text("utf-8")
    offered = {
        (state, move)
        for state, moves in re.findall(r"^  (\w+): \[(.*)\],$", written, flags=re.MULTILINE)
        for move in re.findall(r"'(\w+)'", moves)
    }
    assert offered == set(MOVES)
