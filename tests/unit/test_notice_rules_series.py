"""What recurring orders have to say, and to whom."""

from datetime import date
from typing import Any
from uuid import UUID

from contracts.order import NameOnOrder
from contracts.series import PaysOnSeries, SeriesDateRefused, SeriesPriceChanges, SeriesSubsidyEnds, SeriesSubsidyFalls
from services.notify.model import Audience
from services.notify.rules_series import decide
from tests.unit.notice_scene import NOW, an_order

SERIES: dict[str, Any] = {
    "series_id": UUID(int=77),
    "elder": an_order().elder,
    "area": "420202",
    "region_code": "420202001001",
    "service_code": "meal_lunch",
    "service_name": NameOnOrder(zh="送午餐", en="Lunch delivered"),
    "at": NOW,
}


def refused(*, tried_again: bool, day: date = date(2026, 12, 3)) -> SeriesDateRefused:
    says = NameOnOrder(zh="银杏食堂目前不供餐，请选择其他食堂。", en="The kitchen is closed. Please choose another.")
    return SeriesDateRefused(**SERIES, day=day, code="orders.kitchen_closed", says=says, tried_again=tried_again)


def test_a_visit_that_is_tried_again_is_told_to_the_family_alone() -> None:
    (told,) = decide(refused(tried_again=True), now=NOW)
    assert told.to is Audience.FAMILY
    assert told.said.zh == (
        "王秀英12月3日周四的送午餐还没约上：银杏食堂目前不供餐，请选择其他食堂。到那天以前每天会再试。"
    )
    assert told.said.en == (
        "Lunch delivered for 王秀英 on Thursday 3 December is not booked yet. The kitchen is closed."
        " Please choose another. It is tried again every day until then."
    )


def test_when_nobody_will_come_who_is_on_duty_hears_of_it_too() -> None:
    family, duty = decide(refused(tried_again=False, day=date(2026, 11, 29)), now=NOW)
    assert (family.to, duty.to) == (Audience.FAMILY, Audience.ON_DUTY)
    assert family.said.zh == "王秀英今天的送午餐没有约上：银杏食堂目前不供餐，请选择其他食堂。"
    assert duty.said.zh.endswith("请联系老人或家属，看要不要另作安排。")


def test_a_new_price_is_told_with_the_old_one_and_what_can_be_done() -> None:
    event = SeriesPriceChanges(**SERIES, from_day=date(2026, 12, 22), price_fen_before=1500, price_fen=1605)
    (told,) = decide(event, now=NOW)
    assert told.to is Audience.FAMILY
    assert told.said.zh == (
        "王秀英定期的送午餐，从12月22日周二起单价由 ¥15.00 改为 ¥16.05。已约好的按原价；不想继续，可以随时改或停。"
    )
    assert told.said.en == (
        "Lunch delivered for 王秀英, which repeats: on Tuesday 22 December the price changes from ¥15.00 to ¥16.05."
        " What is booked already keeps its price, and you can change or end it at any time."
    )


def test_the_end_of_a_subsidy_is_told_with_what_becomes_of_the_visits() -> None:
    names = (NameOnOrder(zh="政府购买服务", en="Services bought by the city"),)
    event = SeriesSubsidyEnds(**SERIES, from_day=date(2026, 12, 22), subsidies=names, goes_on=True)
    (told,) = decide(event, now=NOW)
    assert told.to is Audience.FAMILY
    assert told.said.zh == (
        "王秀英定期的送午餐，从12月22日周二起不再有政府购买服务。之后照常上门，由您全付；想到期就停，请在定期服务里改。"
    )
    (ends,) = decide(event.model_copy(update={"goes_on": False}), now=NOW)
    assert ends.said.en == (
        "Lunch delivered for 王秀英, which repeats: on Tuesday 22 December Services bought by the city no longer pays"
        " for it. As you chose, it stops then; if it is to go on and you pay, say so on its page."
    )
    assert told.told_once == ends.told_once


def test_a_subsidy_that_will_pay_less_is_told_with_what_it_paid_and_what_can_be_done() -> None:
    name = NameOnOrder(zh="高龄助餐补贴", en="Meal subsidy")
    less = PaysOnSeries(unit_fen=500, units_a_day=1, monthly_fen=10000)
    event = SeriesSubsidyFalls(
        **SERIES, from_day=date(2026, 12, 22), unit="portion", subsidy=name,
        pays_before=PaysOnSeries(unit_fen=800, units_a_day=1), pays=less,
    )  # fmt: skip
    (told,) = decide(event, now=NOW)
    assert told.to is Audience.FAMILY
    assert told.said.zh == (
        "王秀英定期的送午餐，从12月22日周二起高龄助餐补贴有变：原来每份补 ¥8.00、每天最多 1 份，"
        "改为每份补 ¥5.00、每天最多 1 份、每月最多 ¥100.00，其余由您付。已约好的补贴不变；不想继续，可以随时改或停。"
    )
    assert told.said.en == (
        "Lunch delivered for 王秀英, which repeats: on Tuesday 22 December Meal subsidy pays less: ¥5.00 for each"
        " portion, at most 1 portion a day, at most ¥100.00 a month. Until then it pays ¥8.00 for each portion, at most"
        " 1 portion a day. You pay the rest. What is booked already stays as it is, and you can change or end it at any"
        " time."
    )
    (other,) = decide(event.model_copy(update={"pays": PaysOnSeries(percent=20)}), now=NOW)
    assert other.told_once != told.told_once
    assert "改为补 20%，" in other.said.zh
