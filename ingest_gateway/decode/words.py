"""How vendors name the alarms of the wire: `SOS`, `sos_alarm` and `紧急求助` all mean `device.sos`."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from contracts.alarm_kind import AlarmKind, Note
from ingest_gateway.decode import ends
from ingest_gateway.decode.text import folded, number_in_text

MAX_NAME = 128
MAX_TEXT = 1_024
_LONGEST_KEY = 48
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEVERAL = re.compile(r"[,;|、，；｜/\n]")
_WORD = re.compile(r"[a-z0-9]+|[\u4e00-\u9fff]+")
_BEFORE = frozenset(("device", "dev", "event", "evt", "com", "alarm", "alert", "type"))
"""Words that mean “an alarm”, but not which."""

# Vendors' names without case, blanks and signs between their words.
_VENDOR_WORDS: dict[AlarmKind | Note, str] = {
    AlarmKind.SOS: """
        sos soskey sosbutton sosbtn soscall sospress sospressed sosactivated sosevent sostriggered sosalarm buttonsos
        keysos helpsos panic panicbutton paniccall emergency emergencycall emergencybutton emergencyhelp emergencyalarm
        distress urgent rescue mayday al alarmbutton medicalalarm medicalalert medicalemergency
        求救 呼救 紧急求助 紧急呼叫 紧急报警 紧急告警 紧急按钮 一键求助 一键呼叫 一键报警 求助报警 求助告警 报警求助""",
    AlarmKind.FALL: """
        fall falldetected falldetection falldown falldn fallen falling fallalarm fallalert mandown tumble stumble
        跌倒 摔倒 跌倒报警 跌倒告警 摔倒报警 摔倒告警 跌倒检测""",
    AlarmKind.HELP_REQUEST: """
        help helprequest helpcall helpme callhelp needhelp assistance assist nursecall
        一般求助 呼叫 呼叫护工 帮助""",
    AlarmKind.SMOKE: """
        smoke smokealarm smokedetected smokedetector smog fire firealarm flame
        flamedetected flamealarm heatalarm heatdetected
        烟雾 烟感 烟雾报警 烟雾告警 火警 火灾""",
    AlarmKind.GAS: """
        gas gasalarm gasleak gasleakage gasdetected co coalarm carbonmonoxide methane lpg
        燃气 煤气 天然气 煤气泄漏 煤气泄露 天然气泄漏 天然气泄露 燃气泄露 燃气泄漏 燃气报警 燃气告警 一氧化碳""",
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
        拆除 拆动 拆除报警 防拆 脱落 摘除""",
    Note.FALL_CANCELLED: """
        fallcancelled fallcanceled fallcancel fallcleared fallalarmcancelled fallalarmcanceled cancelfall
        取消跌倒 跌倒取消""",
    Note.TEST: "test selftest testalarm testevent 测试 自检",
    Note.COMMAND_RESULT: "commandresult commandresponse commandreply cmdresult",
}
_NO_FLAG = frozenset(("al", "co", "methane", "lpg", "urgent", "falldetection", "跌倒检测"))
"""A key of this name may be a setting or a figure."""

_BY_WORD = {word: kind for kind, words in _VENDOR_WORDS.items() for word in words.split()}
_URGENT = (AlarmKind.SOS, AlarmKind.FALL, AlarmKind.HELP_REQUEST, AlarmKind.SMOKE, AlarmKind.GAS, AlarmKind.WATER_LEAK)
FLAGS = frozenset(word for word, kind in _BY_WORD.items() if kind in _URGENT and word not in _NO_FLAG)
"""Keys whose true value is an alarm (`"fall": true`), folded (`text.folded`)."""
_THINGS = frozenset(("button", "btn", "key", "sensor", "detector", "pendant", "watch", "device"))
_THINGS_IN_CHINESE = ("按钮", "按键", "手表", "手环", "吊坠", "器")
_OF_ANOTHER = frozenset((
    *("risk", "score", "battery", "contact", "contacts", "sensitivity", "prevention", "led", "volume", "task"),
    *("standby", "history", "zone", "service"),
))  # fmt: skip
_LOOSE = {"sos": AlarmKind.SOS, "fall": AlarmKind.FALL}
"""Words that make any name theirs."""


_AROUND_FLAG = re.compile(
    "(?:is|has|device|dev|alarm|alert|event|key|button|btn|设备|发生|报警|告警)*(.+?)"
    "(?:flag|status|state|sensor|value|alarm|alert|event|detected|occurred|triggered|active|activated|pressed"
    "|报警|告警|警报|状态|事件|标志|信号|触发|按下)*"
)
"""`isSos`, `sos_status`, `SOS报警`: what stands round the name of an alarm in a key."""
_AROUND_NAME = re.compile("(?:设备|发生|报警|告警|检测到)*(.+?)(?:报警|告警|警报|事件|触发|提醒)*")

_ON_WORDS = frozenset((
    *("on", "true", "yes", "detected", "triggered", "alarm", "alarming", "alert", "active", "leak", "leaking", "high"),
    *("trigger", "pressed", "danger", "wet", "报警", "告警", "泄漏", "超标"),
))  # fmt: skip
_SETTING = ends.TAKEN_BACK | {"volume", "switch"}
_TIME_OF_DAY = re.compile(r"(?:[01]?\d|2[0-3])[:：][0-5]\d(?:[:：][0-5]\d)?(?:\s*[ap]\.?m\.?)?", re.IGNORECASE)
_NOTHING = re.compile(r"(?:0x)?[0\s.,:;_/+-]*")

_TOLD: dict[AlarmKind | None, str] = {
    AlarmKind.FALL: "跌倒|摔倒|摔跤|摔了|摔伤|[滑绊栽晕昏]倒",
    AlarmKind.SOS: "求救|求助|呼救|救命|救救?[我他她]|快?来人[啊呀]|起不来|紧急(?:呼叫|情况|事件)",
    AlarmKind.SMOKE: "火灾|火警|着火|起火",
    AlarmKind.GAS: "(?:燃气|煤气|天然气)泄[漏露]",
    AlarmKind.WATER_LEAK: "漏水|水浸",
    None: "报警|告警|警报",
}
_TOLD_IN = {kind: re.compile(words) for kind, words in _TOLD.items()}
_NOT_TOLD = re.compile(
    f"(?!{ends.STILL_SO_IN_CHINESE})(?:未|无(?!人)|没)|(?<!未)(?:取消|解除|恢复|停止|关闭|撤销)|测试|自检|检测(?!到|出)|设置|配置|开关|音量|阈值|间隔|次数"
    f"|{ends.DEALT_WITH_WITHIN}|电话|号码|联系人|功能|服务|器|灵敏度|(?<![不非])正常|历史|曾|支持|(?:手表|手环)$"
)
_CLAUSE = re.compile(r"[，。；！？、,;!?\s]")


def kinds_named(name: str) -> tuple[AlarmKind | Note, ...]:
    """Empty when the name, with or without `device.` before it, is no alarm's or note's that anybody uses; more than
    one for `sos, fall`."""
    name = _narrow(name[:MAX_NAME])
    words = [_without_number(word) for word in _words(name)]
    while len(words) > 1 and words[0] in _BEFORE:
        words = words[1:]
    kind = _BY_WORD.get("".join(words))
    if kind is not None:
        return (kind,)
    pieces = [piece for piece in _SEVERAL.split(name) if piece.strip()]
    if len(pieces) > 1:
        return tuple(dict.fromkeys(kind for piece in pieces for kind in kinds_named(piece)))
    if (ends.TAKEN_BACK.intersection(words) or ends.say_over(_beside_names(words))) and not ends.is_still_so(words):
        return ()
    if not name.isascii() and (bare := _AROUND_NAME.fullmatch("".join(words))) and bare[1] in _BY_WORD:
        return (_BY_WORD[bare[1]],)
    each = [_BY_WORD.get("".join(_words(word))) for word in name.split()]
    if len(each) > 1 and None not in each:
        return tuple(dict.fromkeys(kind for kind in each if kind is not None))
    loose = [kind for word, kind in _LOOSE.items() if word in words and not _is_of_another(words, words.index(word))]
    return tuple(loose or dict.fromkeys(kind for kind in told_in(name) if kind is not None))


def _is_of_another(words: list[str], nth: int) -> bool:
    """Whether the word only says what another is for: `fall risk`, `SOS button battery`."""
    after = [word for word in words[nth + 1 : nth + 3] if word not in _THINGS and word not in _BEFORE]
    return bool(after) and after[0] in _OF_ANOTHER


def is_thing(name: str) -> bool:
    """`Emergency button`, `紧急按钮`: what there is, and not what has happened."""
    return not _THINGS.isdisjoint(_words(name)[-1:]) or name.endswith(_THINGS_IN_CHINESE)


def kind_named(name: str) -> AlarmKind | Note | None:
    """The first of `kinds_named`."""
    return next(iter(kinds_named(name)), None)


def _without_number(word: str) -> str:
    """`sos` of `SOS1`: buttons, zones and channels are numbered. Other words stay as they are, such as `co2`."""
    stem = word.rstrip("0123456789")
    return stem if stem in FLAGS and len(word) - len(stem) <= 2 else word


def _beside_names(words: list[str]) -> list[str]:
    return [word for word in words if word not in _BY_WORD and word not in _BEFORE and word not in _THINGS]


def flag_named(key: str) -> AlarmKind | None:
    """The alarm that a key of this name tells when its value is true: `isSos`, `sos_status`, `sos1`, `SOS报警`."""
    name = core_of(key)
    kind = _BY_WORD[name] if name in FLAGS else None
    return kind if isinstance(kind, AlarmKind) else None


def core_of(key: str) -> str:
    """`sos` of `isSos`, `sos_status` and `sos1`; what is left of another key."""
    joined = _without_number("".join(_words(_narrow(key[:_LONGEST_KEY]))))
    bare = None if joined in FLAGS else _AROUND_FLAG.fullmatch(joined)
    return _without_number(bare[1]) if bare else joined


def sensor_named(name: str) -> AlarmKind | None:
    """The alarm that a sensor of this name tells: `fall`, `kitchen smoke`, `binary_sensor.sos_button`."""
    words = _words(_narrow(name[:MAX_NAME]).rpartition(".")[2])[-4:]
    return next((kind for nth in range(len(words)) if (kind := flag_named(" ".join(words[nth:])))), None)


def told_in(text: str) -> Iterator[AlarmKind | None]:
    """The alarms that a Chinese sentence tells of; None where it says only that there is one."""
    if text.isascii():
        return
    for clause in _CLAUSE.split(text[:MAX_TEXT]):
        if not _NOT_TOLD.search(clause):
            yield from (kind for kind, words in _TOLD_IN.items() if words.search(clause))


def is_off(text: str) -> bool:
    """Whether a value says that there is nothing: `0`, `off`, `disarmed`, `not detected`, `正常`."""
    text = _narrow(text[:MAX_NAME]).strip().lower()
    figure = number_in_text(text)
    if (figure is not None and figure <= 0) or _NOTHING.fullmatch(text) or ends.OFF_IN_CHINESE.fullmatch(text):
        return True
    words = _words(text)
    if text == "n/a":
        return True
    if not text.isascii() or not ends.OFF_WORDS.intersection(words) or ends.is_still_so(words):
        return False
    if len(words) > 1 and "".join(words) in _BY_WORD:
        return False  # `no movement` is an alarm
    off = ends.OFF_WORDS | ends.BESIDE_OFF
    return all(word in off or word in _BY_WORD for word in words) or ends.say_over(_beside_names(words))


def says_dealt_with(text: str) -> bool:
    """Whether a value says that somebody has it already: `handled`, `call taken`, `已接警`, `已确认`."""
    text = _narrow(text[:MAX_NAME]).strip().lower()
    if not text.isascii():
        return ends.OFF_IN_CHINESE.fullmatch(text) is not None and ends.DEALT_WITH_IN_CHINESE.search(text) is not None
    words = _words(text)
    return not ends.DEALT_WITH.isdisjoint(words) and not ends.is_still_so(words) and ends.say_over(_beside_names(words))


def is_on(text: str) -> bool:
    """Whether a value says in so many words that something is so: `on`, `detected`."""
    return folded(_narrow(text)) in _ON_WORDS


def is_time_of_day(value: Any) -> bool:
    """`07:30`, `7:30 am`: under a name such as `alarm` it is when a watch wakes somebody."""
    return isinstance(value, str) and _TIME_OF_DAY.fullmatch(value[:16].strip()) is not None


def is_setting(key: str) -> bool:
    return not _SETTING.isdisjoint(_words(key))


def is_of_device(name: str) -> bool:
    """Whether it is `device.` and a name, however spelled: an alarm, perhaps of a kind unknown here."""
    name = _narrow(name[:MAX_NAME]).strip().lower()
    words = _words(name)
    return (len(words) > 1 and words[0] == "device") or name.startswith("device.")


def _narrow(text: str) -> str:
    """Letters of full width (`ｓｏｓ`) as the usual ones."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _words(name: str) -> list[str]:
    return _WORD.findall(_CAMEL.sub("_", name[:MAX_NAME]).lower())
