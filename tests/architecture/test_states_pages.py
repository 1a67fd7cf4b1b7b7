"""The pages of states say what the tables say."""

from types import ModuleType

import pytest

from tests.architecture import alarm_states_page, provider_states_page


@pytest.mark.parametrize("page", [alarm_states_page, provider_states_page], ids=lambda page: page.PAGE.stem)
def test_a_page_of_states_is_drawn_from_the_table(page: ModuleType) -> None:
    assert page.PAGE.read_text("utf-8") == page.drawn(), f"run: python -m {page.__name__}"
