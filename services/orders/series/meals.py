"""Which dish a recurring meal is on a day, or why there is none. Pure."""

from uuid import UUID

from services.catalogue import allergies
from services.catalogue.kitchens import Dish, Menu, Texture
from services.catalogue.model import Words
from services.elders.model import Elder
from services.orders.draft import Catering
from services.orders.refusals import KitchenClosed, NotTaken
from services.orders.series.model import MealChoice


class MenuNotYet(NotTaken):
    code = "series.menu_not_yet"
    title = "The menu of that day is not written yet: the meal is ordered when it is"

    def __init__(self, kitchen: str) -> None:
        super().__init__(
            Words(
                f"{kitchen}还没有公布当天的菜单，公布后自动安排。",
                f"{kitchen} has not published the menu of that day yet. The meal is ordered when it has.",
            )
        )


class NoDish(NotTaken):
    code = "series.no_dish"
    title = "The menu of that day has no dish as it is wished: choose another kitchen, or wish less"

    def __init__(self, kitchen: str, elder: str) -> None:
        super().__init__(
            Words(
                f"{kitchen}当天的菜单上没有适合{elder}的菜，请换一个食堂或放宽要求。",
                f"The menu of {kitchen} has no dish for {elder} that day. Please choose another kitchen or wish less.",
            )
        )


def candidates(choice: MealChoice, catering: Catering, elder: Elder) -> list[UUID]:
    """Dishes the elder may have and that are as wished: favourites in their order, then as on the menu.

    :raises KitchenClosed: :raises MenuNotYet: :raises NoDish:
    """
    kitchen = catering.kitchen
    if not kitchen.open:
        raise KitchenClosed(kitchen.name)
    cooked = _cooked(catering.menu, choice)
    if not cooked:
        raise MenuNotYet(kitchen.name)
    by_id = {dish.id: dish for dish in catering.dishes}
    fit = [one for one in cooked if _as_wished(by_id[one], choice) and not allergies.check(by_id[one], elder)]
    if not fit:
        raise NoDish(kitchen.name, elder.name)
    liked = [one for one in choice.favourites if one in fit]
    return liked + [one for one in fit if one not in liked]


def _cooked(menu: Menu | None, choice: MealChoice) -> list[UUID]:
    return [item.dish_id for item in (menu.items if menu else ()) if item.meal is choice.meal and item.portions > 0]


def _as_wished(dish: Dish, choice: MealChoice) -> bool:
    return (
        (dish.texture is Texture.SOFT or not choice.soft)
        and (dish.low_salt or not choice.low_salt)
        and (dish.low_sugar or not choice.low_sugar)
    )
