"""The page of states says what the table says."""

from tests.architecture.alarm_states_page import PAGE, drawn


def test_the_page_of_states_is_drawn_from_the_table() -> None:
    assert PAGE.read_text("utf-8") == drawn(), "run: python -m tests.architecture.alarm_states_page"
