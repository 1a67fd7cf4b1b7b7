"""Which dish a recurring meal is on a day, or why there is none. Pure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from services.catalogue import allergies
from services.catalogue.kitchens import Dish, Menu, Texture
from services.catalogue.model import Words
from services.catalogue.rules import Reason
from services.elders.model import Elder
from services.orders.draft import Catering
from services.orders.refusals import DishRefused, KitchenClosed, NotTaken
from services.orders.series.dates import MENU_NOT_YET
from services.orders.series.model import MealChoice


class MenuNotYet(NotTaken):
    code = MENU_NOT_YET
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

    def __init__(self, kitchen: str, elder: str, because: Sequence[Reason] = ()) -> None:
        """:param because: what an allergy has met, dish by dish"""
        zh = [f"{kitchen}当天的菜单上没有适合{elder}的菜，请换一个食堂或放宽要求。"]
        en = [f"The menu of {kitchen} has no dish for {elder} that day.", "Please choose another kitchen or wish less."]
        zh += [one.says.zh for one in because]
        en += [one.says.en for one in because]
        super().__init__(Words("".join(zh), " ".join(en)))


def check_favourites(choice: MealChoice, dishes: Iterable[Dish], elder: Elder) -> None:
    """:raises DishRefused: one of them meets an allergy"""
    liked = [dish for dish in dishes if dish.id in choice.favourites]
    if reasons := [reason for dish in liked for reason in allergies.check(dish, elder)]:
        raise DishRefused(reasons)


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
    wished = [one for one in cooked if _as_wished(by_id[one], choice)]
    met = {one: allergies.check(by_id[one], elder) for one in wished}
    fit = [one for one in wished if not met[one]]
    if not fit:
        raise NoDish(kitchen.name, elder.name, [reason for one in wished for reason in met[one]])
    liked = [one for one in choice.favourites if one in fit]
    return liked + [one for one in fit if one not in liked]


def instead_of(own: UUID, choice: MealChoice, catering: Catering, elder: Elder) -> list[UUID]:
    """What an ordered dish becomes under another choice, the best first: itself, or a favourite before it; where it is
    no longer as wished, whatever is.

    :raises NotTaken: as `candidates`, if it cannot be itself
    """
    dish = next((one for one in catering.dishes if one.id == own), None)
    stays = dish is not None and _as_wished(dish, choice) and not allergies.check(dish, elder)
    try:
        cooked = candidates(choice, catering, elder)
    except NotTaken:
        if stays:
            return [own]
        raise
    if not stays:
        return cooked
    before = cooked[: cooked.index(own)] if own in cooked else cooked
    return [*(one for one in before if one in choice.favourites), own]


def _cooked(menu: Menu | None, choice: MealChoice) -> list[UUID]:
    return [item.dish_id for item in (menu.items if menu else ()) if item.meal is choice.meal and item.portions > 0]


def _as_wished(dish: Dish, choice: MealChoice) -> bool:
    return (
        (dish.texture is Texture.SOFT or not choice.soft)
        and (dish.low_salt or not choice.low_salt)
        and (dish.low_sugar or not choice.low_sugar)
    )
