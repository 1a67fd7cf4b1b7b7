"""What is said to whoever orders a meal that nobody of the kitchen's provider can bring within its hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.catalogue.kitchens import Meal
from services.catalogue.model import Words
from services.orders.refusals import NotTaken

_MEALS = {Meal.LUNCH: Words("午餐", "lunch"), Meal.DINNER: Words("晚餐", "dinner")}


@dataclass(frozen=True, slots=True, kw_only=True)
class MealThen:
    """A meal of a kitchen on a business day."""

    day: date
    meal: Meal
    kitchen_id: UUID
    kitchen: str

    def says(self) -> Words:
        name = _MEALS[self.meal]
        return Words(
            f"{self.day.month}月{self.day.day}日{self.kitchen}的{name.zh}",
            f"the {name.en} of {self.kitchen} on {self.day}",
        )


class NotCarried(NotTaken):
    """`instead`: two meals at most that somebody can bring: of another kitchen, the other meal, or a day after it."""

    code = "orders.not_carried"
    status = 409
    title = "Nobody can bring this meal within its hours: take another one, or order all the same and wait"

    def __init__(self, meal: MealThen, instead: Sequence[MealThen]) -> None:
        asked, others = meal.says(), [one.says() for one in instead]
        zh = (
            f"有人能送的是{'，还有'.join(one.zh for one in others)}。" if others else "这几天没有找到别的有人能送的餐。"
        )
        en = f"Somebody can bring {' or '.join(one.en for one in others)}." if others else "No other meal was found."
        super().__init__(
            Words(
                f"{asked.zh}，送餐时间里没有人能送到。{zh}您也可以仍然下单，等平台找人送。",
                f"Nobody can bring {asked.en} within its hours. {en} You can also order it all the same and wait until"
                " somebody is found.",
            ),
            instead=[
                {
                    "day": one.day.isoformat(),
                    "meal": one.meal,
                    "kitchen_id": str(one.kitchen_id),
                    "kitchen": one.kitchen,
                }
                for one in instead
            ],
        )
