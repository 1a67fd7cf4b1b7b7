"""What a family is told of an alarm, once: it rang, and the duty desk has it. Pure."""

from datetime import datetime, timedelta

from contracts.alarm_kind import AlarmKind
from contracts.response import StepTaken
from services.notify import words
from services.notify.model import Audience, Message, NoticeKind, Said

LATE = timedelta(minutes=10)
"""An alarm that came so long after it happened is said to have been on its way."""

_WHAT: dict[AlarmKind, Said] = {
    AlarmKind.SOS: Said("按了求助", "pressed for help"),
    AlarmKind.FALL: Said("可能跌倒了", "may have fallen"),
    AlarmKind.SMOKE: Said("家里的烟雾报警响了", "has a smoke alarm at home"),
    AlarmKind.GAS: Said("家里的燃气报警响了", "has a gas alarm at home"),
    AlarmKind.WATER_LEAK: Said("家里的漏水报警响了", "has a water alarm at home"),
    AlarmKind.VITAL_OUT_OF_RANGE: Said("的身体数据不在设定的范围里", "has a reading out of the range that was set"),
    AlarmKind.INACTIVITY: Said("很久没有活动", "has not moved for long"),
    AlarmKind.GEOFENCE_EXIT: Said("走出了设定的范围", "has left the area that was set"),
    AlarmKind.HELP_REQUEST: Said("想请人帮忙", "asked for a hand"),
}
_SENT = Said("的设备发来一条报警", "has a device that sent an alarm")


def decide(event: StepTaken, *, now: datetime) -> list[Message]:
    """What comes again under the same case tells nobody a second time."""
    if event.who != "family" or event.elder is None:
        return []
    name, what, at = event.elder.name, _WHAT.get(event.kind, _SENT), words.when(event.occurred_at, now)
    late = Said("", "")
    if event.opened_at - event.occurred_at > LATE:
        came = words.when(event.opened_at, now)
        late = Said(f"设备当时没有网络，{came.zh} 才送到。", f"The device had no network; it arrived {came.en}. ")
    said = Said(
        f"{at.zh}，{name}{what.zh}。{late.zh}值班台已经收到，正在处理。您要是在老人身边，请打开页面点“我在她身边”。",
        f"{name} {what.en} {at.en}. {late.en}The duty desk has it. If you are with her, please open the page and say"
        " so.",
    )
    return [Message(to=Audience.FAMILY, kind=NoticeKind.ALARM, said=said, told_once=f"{event.case_id}:alarm")]
