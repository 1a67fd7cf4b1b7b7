"""How vendors name the alarms of the wire: `SOS`, `sos_alarm` and `紧急求助` all mean `device.sos`."""

import re

from contracts.alarm_kind import AlarmKind, Note

MAX_NAME = 128
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")
_BEFORE = frozenset(("device", "dev", "event", "evt", "com", "alarm", "alert", "type"))
"""Words that mean “an alarm”, but not which."""

# Vendors' names without case, blanks and signs between their words.
_VENDOR_WORDS: dict[AlarmKind | Note, str] = {
    AlarmKind.SOS: """
        sos soskey sosbutton sosbtn soscall sospress sospressed sosactivated sosevent sostriggered sosalarm buttonsos
        keysos helpsos panic panicbutton paniccall emergency emergencycall emergencybutton emergencyhelp emergencyalarm
        distress urgent rescue mayday al
        求救 呼救 紧急求助 紧急呼叫 紧急报警 紧急告警 紧急按钮 一键求助 一键呼叫 一键报警 求助报警 求助告警 报警求助""",
    AlarmKind.FALL: """
        fall falldetected falldetection falldown falldn fallen falling fallalarm fallalert mandown tumble stumble
        跌倒 摔倒 跌倒报警 跌倒告警 摔倒报警 摔倒告警 跌倒检测""",
    AlarmKind.HELP_REQUEST: """
        help helprequest helpcall helpme callhelp needhelp assistance assist nursecall
        一般求助 呼叫 呼叫护工 帮助""",
    AlarmKind.SMOKE: """
        smoke smokealarm smokedetected smokedetector fire firealarm
        烟雾 烟感 烟雾报警 烟雾告警 火警 火灾""",
    AlarmKind.GAS: """
        gas gasalarm gasleak gasleakage gasdetected co coalarm carbonmonoxide methane lpg
        燃气 煤气 燃气泄漏 燃气报警 燃气告警 一氧化碳""",
    AlarmKind.WATER_LEAK: """
        waterleak waterleakage waterleakdetected waterimmersion wateralarm leak leakage leakalarm flood flooding
        漏水 水浸 浸水 漏水报警 水浸报警""",
    AlarmKind.VITAL_OUT_OF_RANGE: """
        vitaloutofrange hralarm heartratealarm heartratealert heartratehigh heartratelow abnormalheartrate spo2alarm
        spo2low bpalarm bloodpressurealarm temperaturealarm tempalarm
        体征异常 心率异常 血压异常 血氧异常 体温异常""",
    AlarmKind.INACTIVITY: """
        inactivity inactive noactivity nomovement nomotion motionless sedentaryalarm longtimenomove
        久无活动 长时间未活动 静止报警""",
    AlarmKind.GEOFENCE_EXIT: """
        geofenceexit geofenceout geofenceleave geofencealarm exitgeofence outofgeofence fenceout fenceexit fencealarm
        outfence outoffence exitfence leavefence outofarea
        走出围栏 出围栏 越界 电子围栏报警""",
    AlarmKind.LOW_BATTERY: """
        lowbattery lowbat lowbatt lowbatalarm lowbatteryalarm lowbatteryalert lowpower lowvoltage batterylow
        batterylowalarm batlow battlow powerlow
        低电量 低电 低电报警 低电量报警 电量低""",
    AlarmKind.TAMPER: """
        tamper tampered tamperalarm demolition removed removal takenoff takeoff watchoff strapoff bandoff wearoff unworn
        拆除 拆除报警 防拆 脱落 摘除""",
    Note.FALL_CANCELLED: """
        fallcancelled fallcanceled fallcancel fallcleared fallalarmcancelled fallalarmcanceled cancelfall
        取消跌倒 跌倒取消""",
    Note.TEST: "test selftest testalarm testevent 测试 自检",
    Note.COMMAND_RESULT: "commandresult commandresponse commandreply cmdresult",
}
_OFF = """
    cancel cancelled canceled clear cleared end ended restore restored recovered reset off ack release released test
    enable enabled disable disabled config setting settings number numbers count none no not normal"""
_TAKEN_BACK = frozenset(_OFF.split())
"""An unknown name that contains one of these is not an SOS just because it also contains `sos`."""
_NO_FLAG = frozenset(("al", "co", "methane", "lpg", "urgent", "falldetection", "跌倒检测"))
"""A key of this name may be a setting or a figure."""

_BY_WORD = {word: kind for kind, words in _VENDOR_WORDS.items() for word in words.split()}
_URGENT = (AlarmKind.SOS, AlarmKind.FALL, AlarmKind.HELP_REQUEST, AlarmKind.SMOKE, AlarmKind.GAS, AlarmKind.WATER_LEAK)
FLAGS = frozenset(word for word, kind in _BY_WORD.items() if kind in _URGENT and word not in _NO_FLAG)
"""Keys whose true value is an alarm (`"fall": true`), folded (`text.folded`)."""


def kind_named(name: str) -> AlarmKind | Note | None:
    """None when the name, with or without `device.` before it, is no alarm's or note's that anybody uses."""
    words = _words(name)
    while len(words) > 1 and words[0] in _BEFORE:
        words = words[1:]
    kind = _BY_WORD.get("".join(words))
    if kind is None and not _TAKEN_BACK.intersection(words):
        return AlarmKind.SOS if "sos" in words else AlarmKind.FALL if "fall" in words else None
    return kind


def is_of_device(name: str) -> bool:
    """Whether it is `device.` and a name, however spelled: an alarm, perhaps of a kind unknown here."""
    words = _words(name)
    return len(words) > 1 and words[0] == "device"


def _words(name: str) -> list[str]:
    return _WORD.findall(_CAMEL.sub("_", name[:MAX_NAME]).lower())
