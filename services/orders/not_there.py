"""What is said to whoever orders for, or goes to, an elder who is in hospital, away, gone from the city, or dead."""

from services.catalogue.model import Words
from services.elders.life.model import Life, LifeState
from services.orders.refusals import NotTaken


class ElderNotThere(NotTaken):
    """`state` is in_hospital, away, moved_out or died; `home_on` the first day at home again, if it is known."""

    code = "orders.elder_not_there"
    title = "The elder is not at home on that day: order for after she is back"

    def __init__(self, elder: str, life: Life) -> None:
        home_on = life.until_day.isoformat() if life.until_day else None
        super().__init__(_not_there(elder, life), state=life.state, home_on=home_on)


class CalledOff(NotTaken):
    """To whoever is about to go there, or stands at the door."""

    code = "orders.called_off"
    status = 409
    title = "This visit has been called off: please do not go there"

    def __init__(self, elder: str, life: Life) -> None:
        why = {
            LifeState.DIED: Words(f"{elder}老人已经离世", f"{elder} has passed away"),
            LifeState.IN_HOSPITAL: Words(f"{elder}住院了", f"{elder} is in hospital"),
            LifeState.MOVED_OUT: Words(f"{elder}已迁出本市", f"{elder} has moved out of the city"),
        }.get(life.state, Words(f"{elder}外出不在家", f"{elder} is away"))
        super().__init__(
            Words(
                f"{why.zh}，这次服务已经取消，不用去了，也请不要打电话。",
                f"{why.en}. This visit has been called off: please do not go there, and do not call.",
            ),
            state=life.state,
        )


def _not_there(elder: str, life: Life) -> Words:
    back = life.until_day
    after = Words("回家以后请先在页面上点“已回家”，再预约。", "Once she is home, please say so, then order again.")
    if back:
        after = Words(f"{back.month}月{back.day}日起可以预约。", f"Orders are taken for {back} and later.")
    match life.state:
        case LifeState.DIED:
            return Words(
                f"{elder}老人已经离世，服务都已停止。如有需要，请联系呼叫中心。",
                f"{elder} has passed away, and all services have ended. The call centre is there for you.",
            )
        case LifeState.MOVED_OUT:
            return Words(
                f"{elder}已迁出本市，这里不再上门。请联系新住地的服务平台，或致电呼叫中心。",
                f"{elder} has moved out of the city and is not visited from here. Please ask the service where {elder}"
                " lives now, or the call centre.",
            )
        case LifeState.IN_HOSPITAL:
            return Words(
                f"{elder}这天还在住院，不能上门，也不送到医院。{after.zh}",
                f"{elder} is in hospital on that day: nobody can come, and nothing is brought there. {after.en}",
            )
        case _:
            return Words(f"{elder}这天外出不在家。{after.zh}", f"{elder} is away on that day. {after.en}")
