"""Figures of devices and of operators' load: conditions over `counted_presses`, `counted_devices`, `counted_batteries`
and `counted_windows` (migration 0170). As in `kpis.py`."""

from datetime import date

from services.catalogue.model import Words
from services.metrics.model import Definition, Exclusion, Subject, Target

_FROM_THE_START = date(2020, 1, 1)
FIRST_REPEAT_S = 5
"""A device that has not heard `accepted` sends a press again after so long (the wire)."""
_CLOCK = Exclusion(
    code="clock",
    says=Words("设备没有报时或时钟不对，无法判断", "the device told no time, or one that cannot be right"),
    where=f"lag_s IS NULL OR lag_s < -{FIRST_REPEAT_S}",
)
_AWAY = Exclusion(
    code="away",
    says=Words("佩戴人住院、外出、迁出或离世", "who wears it is in hospital, away, has moved or died"),
    where="state = 'away'",
)
_UNSEEN = Exclusion(
    code="unseen",
    says=Words("平台没有查看，或全网同时失联", "the platform did not look, or all devices were silent together"),
    where="state = 'unseen'",
)
_LOW_STILL = Exclusion(code="low_still", says=Words("仍然低电量", "low still"), where="state = 'low'")
_NOBODY = Exclusion(
    code="nobody_on_shift",
    says=Words("有告警而无人在岗", "alarms rang and nobody was on shift"),
    where="state = 'nobody'",
)

_FAILED = Words(
    f"收妥之前收到不止一次，或按下 {FIRST_REPEAT_S} 秒后才首次收到（按设备时钟）",
    f"heard more than once, or for the first time {FIRST_REPEAT_S} s or more after it was pressed (device's clock)",
)
_PRESSES = Words("设备发出的需坐席处理的报警", "alarms that devices sent and an operator must answer")
_WINDOWS = Words("在岗坐席的每 10 分钟", "10 minutes of each operator on shift")
_ISA = "ISA-18.2 / IEC 62682 (secondary): fewer than 1 % of 10-minute periods in flood"
OVERLOAD, FLOOD, STANDING = 2, 10, 10
"""Alarms of one operator in ten minutes: the most that can be managed, and a flood (ISA-18.2, EEMUA 191, secondary);
alarms standing: on average fewer than so many (EEMUA 191, secondary)."""

WATCHED: tuple[Definition, ...] = (
    Definition(
        id="first_attempt_failed",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.PRESS,
        name=Words("首次发送失败率（按型号）", "First attempts that failed, by model"),
        numerator=_FAILED,
        denominator=_PRESSES,
        counted="NOT worklist",
        excluded=(_CLOCK,),
        hits=f"(heard > 1 OR lag_s >= {FIRST_REPEAT_S})::int",
        minimum_n=30,
    ),
    Definition(
        id="first_attempt_firmware",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.PRESS,
        name=Words("首次发送失败率（按型号和固件）", "First attempts that failed, by model and firmware"),
        numerator=_FAILED,
        denominator=_PRESSES,
        counted="NOT worklist",
        excluded=(_CLOCK,),
        hits=f"(heard > 1 OR lag_s >= {FIRST_REPEAT_S})::int",
        part="model_firmware",
        minimum_n=30,
    ),
    Definition(
        id="devices_online",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.DEVICE,
        name=Words("设备在线率（按小时）", "Devices online, by the hour"),
        numerator=Words(
            "平台在这一小时里收到过设备消息（上报间隔长的，三个间隔之内）",
            "the platform heard the device in that hour (of one that reports rarely, within three of its intervals)",
        ),
        denominator=Words("已绑定、在用设备的小时数", "hours of devices that are bound and in use"),
        counted="look = 'heard'",
        excluded=(_AWAY, _UNSEEN),
        each="promised",
        hits="kept",
        minimum_n=240,
    ),
    Definition(
        id="readings_complete",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.DEVICE,
        name=Words("读数完整率", "Completeness of readings"),
        numerator=Words(
            "按测量时间归日、72 小时内补传到的读数（每台最多计到应有数）",
            "readings measured that day and received within 72 h (of each device at most as many as promised)",
        ),
        denominator=Words("按上报间隔应有的读数", "readings that the devices' intervals promise"),
        counted="look = 'measured'",
        excluded=(_AWAY,),
        each="promised",
        hits="kept",
        minimum_n=240,
    ),
    Definition(
        id="low_battery_age",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.BATTERY,
        name=Words("低电量持续时长", "How long batteries stay low"),
        numerator=Words("从首次报低电量到充好电或更换的时长", "from the first low battery until charged or replaced"),
        denominator=Words("报过低电量的在用设备", "devices in use that reported a low battery"),
        counted="true",
        excluded=(_LOW_STILL,),
        seconds="low_s",
        minimum_n=20,
    ),
    Definition(
        id="operators_overloaded",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.LOAD,
        name=Words("坐席超负荷时段占比", "Time of operators with too many alarms"),
        numerator=Words(f"10 分钟内每名坐席超过 {OVERLOAD} 起告警", f"more than {OVERLOAD} alarms for one operator"),
        denominator=_WINDOWS,
        counted="true",
        excluded=(_NOBODY,),
        hits=f"(alarms > {OVERLOAD})::int",
        minimum_n=36,
    ),
    Definition(
        id="operators_flooded",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.LOAD,
        name=Words("告警洪水时段占比", "Time of operators in an alarm flood"),
        numerator=Words(f"10 分钟内每名坐席超过 {FLOOD} 起告警", f"more than {FLOOD} alarms for one operator"),
        denominator=_WINDOWS,
        counted="true",
        excluded=(_NOBODY,),
        hits=f"(alarms > {FLOOD})::int",
        target=Target(value=0.01, at_least=False, source=_ISA),
        minimum_n=36,
    ),
    Definition(
        id="alarms_standing",
        version=1,
        since=_FROM_THE_START,
        subject=Subject.LOAD,
        name=Words("告警积压时段占比", "Time with many alarms standing"),
        numerator=Words(
            f"时段结束时，坐席所辖未结案告警达到 {STANDING} 起",
            f"{STANDING} alarms or more of the operator's regions were not closed at the end",
        ),
        denominator=_WINDOWS,
        counted="true",
        excluded=(_NOBODY,),
        hits=f"(standing >= {STANDING})::int",
        minimum_n=36,
    ),
)
