"""The forms about kitchens, dishes and menus. An unknown field is refused."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints, with_config
from typing_extensions import TypedDict

from services.catalogue.kitchens import Dish, Meal, MenuItem, Texture
from services.catalogue.terms import STRICT, Code, Fen, Line, Name, NamePair
from services.db.text import StorableText
from services.places import Place
from services.providers.forms import RegionCodes


class KitchenForm(BaseModel):
    model_config = STRICT
    name: Name
    address: Line
    location: Place
    region_codes: RegionCodes = Field(description="where it delivers")


@with_config(STRICT)
class KitchenChange(TypedDict, total=False):
    """Only the fields to change."""

    name: Name
    address: Line
    location: Place
    region_codes: RegionCodes
    open: bool


def changes_in(form: KitchenChange) -> dict[str, Any]:
    """Fields of `Kitchen`."""
    changes: dict[str, Any] = dict(form)
    if place := form.get("location"):
        changes["location"] = place.location()
    return changes


class DishForm(BaseModel):
    model_config = STRICT
    name: NamePair
    allergens: Annotated[list[Code], Field(max_length=40)] = Field(description="codes of GET /allergens; [] if none")
    other_allergens: Annotated[StorableText, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    texture: Texture = Texture.NORMAL
    low_salt: bool = False
    low_sugar: bool = False
    fresh_min: int | None = Field(
        default=None, ge=10, le=240, description="behind other meals at most so many minutes in the box; none: no limit"
    )

    def dish(self, kitchen_id: UUID, dish_id: UUID) -> Dish:
        return Dish(
            id=dish_id,
            kitchen_id=kitchen_id,
            name=self.name.words(),
            allergens=tuple(sorted(set(self.allergens))),
            other_allergens=self.other_allergens,
            texture=self.texture,
            low_salt=self.low_salt,
            low_sugar=self.low_sugar,
            fresh_min=self.fresh_min,
        )


class MenuItemForm(BaseModel):
    model_config = STRICT
    meal: Meal
    dish_id: UUID
    price_fen: Fen
    portions: int = Field(ge=0, le=100_000, description="the most that are cooked; 0: sold out")

    def item(self) -> MenuItem:
        return MenuItem(meal=self.meal, dish_id=self.dish_id, price_fen=self.price_fen, portions=self.portions)


class MenuForm(BaseModel):
    model_config = STRICT
    items: Annotated[list[MenuItemForm], Field(max_length=200)]
