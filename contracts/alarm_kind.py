"""The kinds of alarm, how urgent each is, and which wire type each comes from."""

from enum import StrEnum


class AlarmKind(StrEnum):
    SOS = "sos"  # 求助
    FALL = "fall"  # 跌倒
    SMOKE = "smoke"  # 烟雾
    GAS = "gas"  # 燃气
    WATER_LEAK = "water_leak"  # 漏水
    VITAL_OUT_OF_RANGE = "vital_out_of_range"  # 体征异常
    INACTIVITY = "inactivity"  # 久无活动
    GEOFENCE_EXIT = "geofence_exit"  # 走出围栏
    HELP_REQUEST = "help_request"  # 一般求助
    UNKNOWN = "unknown"  # 未知告警
    GARBLED = "garbled"  # 无法识别的报文
    LOW_BATTERY = "low_battery"  # 低电量
    TAMPER = "tamper"  # 设备被拆动
    FLOOD = "flood"  # 设备刷报
    """Reported by the gateway about a device that sends without pause; devices themselves have no such type."""
    DEVICE_FAULT = "device_fault"  # 设备测量失常
    """Reported by the writer of telemetry about a device that measures what no body can have."""
    SILENT_ELDER = "silent_elder"  # 静默老人
    """Reported by the platform: nobody met her at her meal, nothing moves, and her devices are well. Somebody looks
    when there is time; it never rings."""


class Note(StrEnum):
    """Wire types that open no case of their own."""

    FALL_CANCELLED = "fall_cancelled"  # 取消跌倒
    TEST = "test"  # 测试
    COMMAND_RESULT = "command_result"  # 指令结果


PRIORITY: dict[AlarmKind, int] = {
    AlarmKind.SOS: 1,
    AlarmKind.FALL: 2,
    AlarmKind.SMOKE: 3,
    AlarmKind.GAS: 3,
    AlarmKind.WATER_LEAK: 3,
    AlarmKind.VITAL_OUT_OF_RANGE: 4,
    AlarmKind.INACTIVITY: 4,
    AlarmKind.GEOFENCE_EXIT: 4,
    AlarmKind.HELP_REQUEST: 4,
    AlarmKind.UNKNOWN: 4,
    AlarmKind.GARBLED: 4,
    AlarmKind.LOW_BATTERY: 5,
    AlarmKind.TAMPER: 5,
    AlarmKind.FLOOD: 5,
    AlarmKind.DEVICE_FAULT: 5,
    AlarmKind.SILENT_ELDER: 5,
}
"""1 is the most urgent. 5 is technical: it goes to the work list, not to the operators' queue."""

WORKLIST_PRIORITY = 5


def kind_of(wire_type: str) -> AlarmKind | Note:
    """`device.sos` → `AlarmKind.SOS`; an unknown `device.*` type → `AlarmKind.UNKNOWN`.

    :raises ValueError: when the type is not a device's (`event.unknown_type` on the wire).
    """
    kind = _BY_TYPE.get(wire_type)
    if kind is not None:
        return kind
    if not wire_type.startswith("device.") or wire_type == "device.":
        raise ValueError(f"type {wire_type!r} does not start with 'device.'")
    return AlarmKind.UNKNOWN


OF_THE_PLATFORM = frozenset({
    AlarmKind.UNKNOWN, AlarmKind.GARBLED, AlarmKind.FLOOD, AlarmKind.DEVICE_FAULT, AlarmKind.SILENT_ELDER,
})  # fmt: skip
"""Types that only the platform creates. From a device, such a type counts as unknown."""

_BY_TYPE: dict[str, AlarmKind | Note] = {
    **{f"device.{kind}": kind for kind in AlarmKind if kind not in OF_THE_PLATFORM},
    **{f"device.{note}": note for note in Note},
}
