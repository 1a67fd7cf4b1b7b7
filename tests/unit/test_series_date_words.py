"""What a row of a recurring order says beside its day: never that day again."""

from dataclasses import replace
from datetime import date

import pytest

from services.catalogue.model import Words
from services.orders.series.model import Planned, Verdict
from services.orders.series.views import refused_words, words_of
from tests.unit.series_scene import NINE_TO_TEN, a_series

TUESDAY, WEDNESDAY = date(2026, 12, 8), date(2026, 12, 9)
HERE = Planned(
    rule_day=WEDNESDAY, day=WEDNESDAY, verdict=Verdict.SERVED, hours=NINE_TO_TEN, terms_version=1, holiday=None
)
FROM_BEFORE = replace(HERE, rule_day=TUESDAY)


def said(planned: Planned) -> Words | None:
    return words_of(a_series(), planned)


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("planned", [HERE, FROM_BEFORE])
def test_the_day_of_the_row_is_not_said_again(verdict: Verdict, planned: Planned) -> None:
    if verdict is Verdict.HOLIDAY_MOVED and planned is HERE:
        return  # a holiday moves to another day
    words = said(replace(planned, verdict=verdict))
    assert (words is None) == (verdict is Verdict.SERVED)
    if words:
        assert "12月9日" not in words.zh
        assert "9 December" not in words.en


@pytest.mark.parametrize("verdict", [Verdict.MOVED, Verdict.HOLIDAY_MOVED, Verdict.MERGED])
def test_another_day_of_which_it_comes_is_said(verdict: Verdict) -> None:
    words = said(replace(FROM_BEFORE, verdict=verdict))
    assert words
    assert "12月8日" in words.zh
    assert "8 December" in words.en


def test_a_visit_moved_within_its_day_has_another_time() -> None:
    assert said(replace(HERE, verdict=Verdict.MOVED)) == Words("本次改了时间。", "At another time than usual.")


def test_a_refusal_says_what_comes_of_it() -> None:
    closed = Words("食堂目前不供餐。", "The kitchen is closed.")
    assert refused_words(closed, False) == Words(
        "食堂目前不供餐。本次未安排。", "The kitchen is closed. There is no visit."
    )
    assert refused_words(closed, True).en == "The kitchen is closed. It is tried again every day."
