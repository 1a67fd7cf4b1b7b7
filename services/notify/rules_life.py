"""What is told when an elder goes to hospital, comes home, moves or dies: one notice each, and of a death nothing else.
Pure."""

from datetime import date, datetime

from contracts.elder import ElderLifeChanged
from services.business_day import business_day
from services.notify import words
from services.notify.model import Audience, Message, NoticeKind, Said


def decide(event: ElderLifeChanged, *, now: datetime) -> list[Message]:
    """The same event tells the same, once."""
    to = Audience.BEREAVED if event.state == "died" else Audience.FAMILY
    told = [_message(event, to, _said(event, business_day(now)))]
    if event.move == "relocate" and event.region_before[:6] != event.region_code[:6]:
        told.append(_message(event, Audience.ON_DUTY, _moved_here(event)))
    return told


def _message(event: ElderLifeChanged, to: Audience, said: Said) -> Message:
    key = f"{event.elder.id}:life:{event.version}"
    return Message(to=to, kind=NoticeKind.LIFE, said=said, told_once=key)


def _said(event: ElderLifeChanged, today: date) -> Said:
    name = event.elder.name
    match event.move:
        case "to_hospital" | "go_away":
            return _not_there(event, today)
        case "come_home":
            day = words.on_day(event.until_day or today, today)
            return Said(
                f"{name}{day.zh}回家，定期服务从那天起照常。",
                f"{name} is home {day.en}; what repeats goes on from that day.",
            )
        case "relocate":
            return Said(
                f"{name}已搬到新住址，{_ended(event).zh}新住址有人服务的定期服务照常，其余请重新预约。",
                f"{name} has moved house. {_ended(event).en}What repeats goes on where it is offered at the new"
                " address; please order the rest anew.",
            )
        case "move_out":
            day = words.on_day(event.from_day or today, today)
            return Said(
                f"{name}{day.zh}迁出本市，从那天起不再上门。{_ended(event).zh}",
                f"{name} moves out of the city {day.en}, and is not visited from that day. {_ended(event).en}".strip(),
            )
        case "return":
            return Said(
                f"{name}已迁回本市，可以重新预约服务。", f"{name} is back in the city; services can be ordered."
            )
        case "die":
            return Said(
                f"{name}老人已经离世，我们深表哀悼。约好的服务都已停止，您不需要为此做任何事。需要帮助时，请联系呼叫中心。",
                f"{name} has passed away. We are very sorry. All services have ended, and nothing needs to be done. The"
                " call centre is there for you.",
            )
        case _:
            return Said(
                f"之前关于{name}的登记有误，我们非常抱歉，现已更正。定期服务照常；单独预约的请重新预约。",
                f"What was recorded about {name} was a mistake. We are very sorry; it has been put right. What repeats"
                " goes on; please order single visits anew.",
            )


def _not_there(event: ElderLifeChanged, today: date) -> Said:
    name, first = event.elder.name, event.from_day or today
    begins = words.on_day(first, today) if first > today else Said("", "")
    state = Said(f"{begins.zh}住院", f"is in hospital {begins.en}")
    if event.state == "away":
        state = Said(f"{begins.zh}外出", f"is away {begins.en}")
    back = Said(
        "回家后请在页面上点“已回家”，定期服务就会恢复。",
        "Once home, please say so on the page, and what repeats goes on.",
    )
    if event.until_day:
        day = words.on_day(event.until_day, today)
        back = Said(f"{day.zh}起定期服务自动恢复。", f"What repeats goes on by itself {day.en}.")
    return Said(
        f"{name}{state.zh}，这段时间的服务暂停。{_ended(event).zh}{back.zh}",
        f"{name} {state.en.strip()}; services pause meanwhile. {_ended(event).en}{back.en}",
    )


def _ended(event: ElderLifeChanged) -> Said:
    count = event.visits_ended
    if not count:
        return Said("", "")
    visits = "visit that was" if count == 1 else "visits that were"
    return Said(f"约好的 {count} 次已取消，不收费用。", f"{count} {visits} booked: cancelled, nothing is charged. ")


def _moved_here(event: ElderLifeChanged) -> Said:
    name = event.elder.name
    return Said(
        f"{name}从别的县区搬来，请核对住址、联系人和设备。",
        f"{name} has moved here from another county: please check address, contacts and devices.",
    )
