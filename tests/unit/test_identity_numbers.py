"""GB 11643 resident identity numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.elders.identity import BadIdentityNumber, check_digit, parse

TODAY = date(2026, 11, 22)
KNOWN_GOOD = "11010519491231002X"
"""The example printed in GB 11643-1999."""


@st.composite
def numbers(draw: st.DrawFn) -> str:
    area = draw(st.integers(100_000, 999_999))
    birth = draw(st.dates(date(1880, 1, 1), TODAY))
    first = f"{area}{birth:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + check_digit(first)


def test_the_example_of_the_standard_is_accepted() -> None:
    number = parse(KNOWN_GOOD, today=TODAY)
    assert (number.birth_date, number.sex, number.area_code) == (date(1949, 12, 31), "female", "110105")


def test_a_lower_case_x_and_blanks_are_accepted_and_made_canonical() -> None:
    assert parse(" 11010519491231002x ", today=TODAY).text == KNOWN_GOOD


@given(numbers())
def test_every_well_made_number_is_accepted(text: str) -> None:
    number = parse(text, today=TODAY)
    assert number.text == text
    assert f"{number.birth_date:%Y%m%d}" == text[6:14]
    assert (number.sex == "male") == (int(text[16]) % 2 == 1)


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_always_noticed(text: str, place: int, wrong: str) -> None:
    changed = text[:place] + wrong + text[place + 1 :]
    if changed != text:
        with pytest.raises(BadIdentityNumber):
            parse(changed, today=TODAY)


@given(numbers(), st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(text: str, place: int) -> None:
    swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if swapped != text:
        with pytest.raises(BadIdentityNumber):
            parse(swapped, today=TODAY)


@given(st.text(max_size=17))
def test_other_text_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(BadIdentityNumber, match=r"\w"):
        parse(text, today=TODAY)


@pytest.mark.parametrize("birth", ["20250229", "20261123", "18791231", "20001301", "19000000"])
def test_a_birth_date_that_cannot_be_is_refused(birth: str) -> None:
    first = f"420202{birth}002"
    with pytest.raises(BadIdentityNumber, match="birth date"):
        parse(first + check_digit(first), today=TODAY)


def test_who_is_born_today_has_a_number() -> None:
    first = f"420202{TODAY:%Y%m%d}002"
    assert parse(first + check_digit(first), today=TODAY).birth_date == TODAY
    with pytest.raises(BadIdentityNumber):
        parse(first + check_digit(first), today=TODAY - timedelta(days=1))


def test_digits_of_other_scripts_are_refused() -> None:
    with pytest.raises(BadIdentityNumber):
        parse("１１０１０５１９４９１２３１００２Ｘ", today=TODAY)
