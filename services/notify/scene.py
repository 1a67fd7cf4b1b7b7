"""A move as it is told: the order after it, and the clock by which today is today. Pure."""

from dataclasses import dataclass
from datetime import datetime

from contracts.order import OrderMoved, OrderView, VisitView
from services.notify import words
from services.notify.model import Said
from services.notify.words import when


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    event: OrderMoved
    now: datetime

    @property
    def order(self) -> OrderView:
        return self.event.order

    @property
    def elder(self) -> str:
        return self.order.elder.name

    def done_at(self, noted: datetime | None) -> datetime:
        """When it was done: of a telephone without network that is before it was known; its clock may be ahead."""
        return min(noted or self.event.at, self.now)

    def begin(self, visit: VisitView | None = None) -> datetime:
        return (visit.starts_at if visit else None) or self.order.wished_from

    def what(self, at: datetime) -> Said:
        """`王秀英明天（11月30日）9:00 的助浴`, `Bathing for 王秀英 tomorrow (30 November) at 9:00`."""
        name, time = self.order.service_name, when(at, self.now)
        return Said(f"{self.elder}{time.zh} 的{name.zh}", f"{name.en} for {self.elder} {time.en}")

    @property
    def life(self) -> Said | None:
        """Why nobody comes any more, where an elder's life has taken another way: her family is told of that once, and
        not of each order."""
        return words.life(self.event.reason, self.elder)

    @property
    def is_meal(self) -> bool:
        return bool(self.order.dishes)
