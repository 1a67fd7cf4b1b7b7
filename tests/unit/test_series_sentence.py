"""The rule of a series as the family reads it."""

import pytest

from services.orders.series.model import HolidayRule, Hours, MonthEnd
from services.orders.series.sentence import sentence
from tests.unit.series_scene import terms

MOVE = {"holidays": HolidayRule.MOVE}


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("FREQ=WEEKLY;BYDAY=TU,TH", "每周二、四", "Every Tuesday and Thursday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "每周一至周五", "Every Monday to Friday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "每天", "Every day"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "每2周的周一", "Every 2 weeks on Monday"),
        ("FREQ=DAILY", "每天", "Every day"),
        ("FREQ=DAILY;INTERVAL=3", "每3天", "Every 3 days"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "每月15日", "The 15th of each month"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "每月1日、最后一天", "The 1st and last day of each month"),
        ("FREQ=MONTHLY;BYDAY=1TU", "每月第一个周二", "The first Tuesday of each month"),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR", "每3个月的最后一个周五", "The last Friday of every 3rd month"),
    ],
)
def test_a_rule_is_a_sentence_in_both_languages(rule: str, zh: str, en: str) -> None:
    said = sentence(terms(rule, **MOVE))
    assert said.zh == f"{zh} 上午9:00–10:00，遇节假日顺延"
    assert said.en == f"{en}, 09:00–10:00, moved to the next working day on public holidays"


def test_the_hours_say_which_half_of_the_day_they_are_in() -> None:
    over_noon = Hours(at_min=700, earliest_min=11 * 60, latest_min=13 * 60 + 5)
    lunch = Hours(at_min=730, earliest_min=12 * 60, latest_min=12 * 60 + 30)
    exact = Hours(at_min=19 * 60, earliest_min=19 * 60, latest_min=19 * 60)
    found = [sentence(terms("FREQ=DAILY", hours=hours)).zh.split("，")[0] for hours in (over_noon, lunch, exact)]
    assert found == ["每天 上午11:00–下午1:05", "每天 中午12:00–12:30", "每天 晚上7:00"]


def test_it_says_what_becomes_of_the_31st_and_when_it_ends() -> None:
    last_day = sentence(terms("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=6", holidays=HolidayRule.DROP))
    assert last_day.zh == "每月31日 上午9:00–10:00，遇节假日取消，没有31日的月份改在最后一天，共6次"
    skipped = sentence(terms("FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20271231", month_end=MonthEnd.SKIP))
    assert skipped.zh == "每月31日 上午9:00–10:00，节假日照常，没有31日的月份不安排，至2027年12月31日"
    assert skipped.en.endswith("not in months without a 31st, until 31 December 2027")
