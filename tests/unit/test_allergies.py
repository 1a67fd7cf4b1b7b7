"""Does a dish meet an elder's allergy: synonyms are known, and who is not sure asks."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalogue.allergies import LEXICON, called, check
from services.catalogue.kitchens import Dish
from services.catalogue.model import Words
from tests.unit.catalogue_scene import elder


def a_dish(zh: str, *allergens: str, other: str = "", en: str = "Dish") -> Dish:
    return Dish(id=UUID(int=1), kitchen_id=UUID(int=2), name=Words(zh, en), allergens=allergens, other_allergens=other)


def codes(dish: Dish, *allergies: str) -> list[str]:
    return [reason.code for reason in check(dish, elder(allergies=allergies))]


@pytest.mark.parametrize(
    ("dish", "allergy"),
    [
        (a_dish("青虾仁"), "虾"),
        (a_dish("青虾仁", "shrimp"), "对虾过敏"),
        (a_dish("什锦煲", "shrimp"), "海鲜"),
        (a_dish("什锦煲", "crab"), "甲壳类"),
        (a_dish("海鲜粥"), "虾"),
        (a_dish("海鲜粥"), "蟹"),
        (a_dish("清蒸武昌鱼"), "海鲜类食物过敏"),
        (a_dish("蚝油生菜"), "贝类"),
        (a_dish("宫保鸡丁", "peanut"), "坚果"),
        (a_dish("凉菜", other="花生碎"), "花生过敏"),
        (a_dish("杏仁豆腐"), "坚果过敏"),
        (a_dish("双皮奶"), "乳制品"),
        (a_dish("奶油蘑菇汤"), "牛奶"),
        (a_dish("点心", en="Butter cake"), "milk"),
        (a_dish("蒸水蛋"), "鸡蛋"),
        (a_dish("麻婆豆腐"), "大豆"),
        (a_dish("热干面"), "麸质"),
        (a_dish("芒果布丁"), "芒果"),
        (a_dish("蒜蓉秋葵"), "秋葵"),
        (a_dish("土豆烧牛肉"), "土豆过敏"),
        (a_dish("青虾仁"), "青霉素、海鲜"),
        (a_dish("糟鱼"), "酒精"),
    ],
)
def test_a_dish_that_holds_it_is_refused(dish: Dish, allergy: str) -> None:
    assert codes(dish, allergy) == ["allergy"]


@pytest.mark.parametrize(
    ("dish", "allergy"),
    [
        (a_dish("香辣蟹"), "虾"),
        (a_dish("核桃糕"), "花生"),
        (a_dish("清炒时蔬"), "秋葵"),
        (a_dish("清炒时蔬"), "不详"),
        (a_dish("清炒时蔬", other="秘制酱"), "虾"),
    ],
)
def test_who_is_not_sure_asks(dish: Dish, allergy: str) -> None:
    assert codes(dish, allergy) == ["allergy_ask"]


@pytest.mark.parametrize(
    ("dish", "allergies"),
    [
        (a_dish("清炒时蔬"), ("虾", "花生", "牛奶")),
        (a_dish("青虾仁", "shrimp"), ()),
        (a_dish("青虾仁", "shrimp"), ("无",)),
        (a_dish("青虾仁", "shrimp"), ("青霉素", "磺胺类", "头孢类", "碘造影剂", "花粉")),
        (a_dish("鱼香肉丝"), ("鱼",)),
        (a_dish("奶奶的红烧肉"), ("牛奶",)),
        (a_dish("核桃糕"), ("桃",)),
        (a_dish("绿豆汤"), ("大豆",)),
        (a_dish("清炒时蔬", other="秘制酱"), ("青霉素",)),
    ],
)
def test_what_only_sounds_like_it_or_is_no_food_is_no_matter(dish: Dish, allergies: tuple[str, ...]) -> None:
    assert codes(dish, *allergies) == []


def test_the_sentence_names_the_dish_what_it_holds_and_who_cannot_have_it() -> None:
    (reason,) = check(a_dish("青虾仁", "shrimp", en="Shelled shrimp"), elder(allergies=("虾",)))
    assert reason.says.zh == "青虾仁：含虾，王奶奶对虾过敏。"
    assert reason.says.en == "Shelled shrimp: contains shrimp; 王银杏 is allergic to 虾."
    (asked,) = check(a_dish("清炒时蔬"), elder(allergies=("秋葵",)))
    assert asked.says.zh == "清炒时蔬：王奶奶对秋葵过敏，无法确定能否食用，请先询问食堂。"
    assert "Please ask" in asked.says.en


def test_each_allergy_that_is_met_is_named() -> None:
    reasons = check(a_dish("腰果虾仁"), elder(allergies=("海鲜和坚果",)))
    assert [reason.says.zh for reason in reasons] == [
        "腰果虾仁：含虾，王奶奶对海鲜过敏。",
        "腰果虾仁：含木本坚果，王奶奶对坚果过敏。",
    ]


def test_an_elder_is_called_by_the_family_name() -> None:
    assert called(elder(name="欧阳银杏")) == "欧阳奶奶"
    assert called(elder(name="李海棠", sex="male")) == "李爷爷"


@given(st.sampled_from(sorted(LEXICON.allergens)), st.sampled_from(["{}", "对{}过敏", "严重{}过敏", "青霉素、{}"]))
def test_whatever_of_the_list_an_elder_cannot_bear_is_refused_where_it_is_declared(code: str, said: str) -> None:
    allergy = said.format(LEXICON.allergens[code].name.zh)
    assert "allergy" in codes(a_dish("时令菜", code), allergy)


@given(st.text("葵薯蓣榴莲莓柿橙", min_size=1, max_size=6))
def test_an_allergy_nobody_understands_lets_no_dish_pass(allergy: str) -> None:
    assert codes(a_dish("时令菜"), allergy) == ["allergy_ask"]
