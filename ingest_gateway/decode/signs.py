"""Finds the alarms that any JSON of a device names: in its keys, as a type, in words. What is plainly none does not
count: 0, false, `idle`, a figure, a setting, the model of the device.
"""

from collections.abc import Iterator
from typing import Any

from contracts.alarm_kind import PRIORITY, WORKLIST_PRIORITY, AlarmKind, Note
from ingest_gateway.decode.documents import unwrapped_text
from ingest_gateway.decode.text import folded, number, number_in_text
from ingest_gateway.decode.words import flag_named, is_off, is_setting, is_time_of_day, kinds_named, told_in

Kind = AlarmKind | Note
Sign = Kind | None
"""None: an alarm, but nobody says of which kind."""

TYPE_KEYS = ("eventtype", "alarmtype", "alerttype", "event", "alarm", "alert", "eventname", "method", "cmd", "action")
"""Where vendors put the type; what stands there must name an alarm by itself."""
ALARMS_KEYS = ("alarm", "alarmlist", "alarmtypes", "furtheralarms", "alerts", "alert", "报警", "告警", "警报")
"""Beside `alarms`. Whatever is true under one of these is an alarm, even if nobody can tell which."""
_LISTED = frozenset(("alarms", *ALARMS_KEYS))
_ABOUT_ALARM = frozenset((
    *("alarmtype", "alarmcode", "alarmname", "alarmstatus", "alarmstate", "alarmflag", "alerttype", "isalarm"),
    *("alarmcontent", "alarminfo", "alarmdesc", "alarmmessage", "alarmreason"),
    *(alarm + what for alarm in ("报警", "告警") for what in ("类型", "名称", "信息", "内容", "状态", "代码", "事件")),
))  # fmt: skip
_TYPES = _ABOUT_ALARM | frozenset((
    *("type", "subtype", "kind", "category", "class", "events", "flags", "warning", "warn", "reason", "trigger"),
    *("cause", "msg", "message", "text", "content", "desc", "description", *TYPE_KEYS),
))  # fmt: skip
_STATES = frozenset(
    ("state", "status", "key", "button", "keyname", "buttonname", "keystatus", "buttonstatus", "状态", "按键")
)
"""Only what is urgent counts as their value: `inactive` is a state of the device as well."""
_ALARM_VALUES = frozenset(("alarm", "alarming", "alert", "报警", "告警", "警报"))
_NO_SIGN = frozenset((
    *("config", "configuration", "conf", "cfg", "settings", "setting", "setup", "options", "capabilities", "features"),
    *("functions", "supported", "supports", "thresholds", "contacts", "model", "firmware", "name", "vendor", "brand"),
    *("devicename", "devname", "devicetype", "devtype", "producttype", "alias", "nickname", "label", "设备名称"),
    *("manufacturer", "product", "productname", "version", "ssid", "配置", "设置", "型号", "固件", "名称", "厂商"),
))  # fmt: skip
"""What the device is, and what it is set to."""
_NAMES = ("name", "code", "identifier", "key", "type", "param", "tag")
_VALUES = frozenset(("v", "vb", "vs", "bv", "value", "val", "state", "status", "active", "triggered"))
_NAMES_LISTED = ("type", "name", "alarm", "kind", "event", "n", "code")
_MEASURED = (AlarmKind.SMOKE, AlarmKind.GAS, AlarmKind.WATER_LEAK)
_DEPTH = 6


def rings(sign: Sign) -> bool:
    """Whether it is for the operators, as notes and technical alarms are not."""
    return sign is None or (isinstance(sign, AlarmKind) and PRIORITY[sign] < WORKLIST_PRIORITY)


def signs_in(sent: Any, depth: int = _DEPTH) -> Iterator[Sign]:
    """:param sent: any JSON"""
    if isinstance(sent, list) and depth:
        for item in sent:
            yield from signs_in(item, depth - 1)
    elif isinstance(sent, dict) and depth:
        name = _name_of(sent)
        over = _is_over(sent)
        if name is not None:
            values = [value for key, value in sent.items() if key in _VALUES and not isinstance(value, dict | list)]
            over = over or any(_is_figure(value, flag_named(name)) for value in values)
            unit = number if isinstance(sent.get("u"), str) and flag_named(name) in _MEASURED else None
            for value in values:
                if unit is None or unit(value) is None:
                    yield from _entry(name, value, depth, over=False)
        for key, value in sent.items():
            yield from _entry(key, value, depth, over=over)
    elif isinstance(sent, str):
        yield from told_in(sent)


def signs_listed(sent: Any, depth: int = _DEPTH) -> Iterator[Sign]:
    """Of the value of `alarms`, whatever it is instead of a list of types."""
    if isinstance(sent, str):
        if kinds := kinds_named(sent):
            yield from kinds
        elif not is_off(sent) and not is_time_of_day(sent):
            yield AlarmKind.UNKNOWN if number_in_text(sent) is None else None
    elif isinstance(sent, list):
        if len(sent) == 2 and isinstance(sent[0], str) and isinstance(sent[1], bool | int | float):
            sent = sent[:1] if is_set(sent[1]) else []  # a name and its value
        for item in sent if depth else ():
            yield from signs_listed(item, depth - 1)
    elif isinstance(sent, dict):
        yield from _object_listed(sent, depth)
    elif is_set(sent):
        yield None


def _object_listed(sent: dict[str, Any], depth: int) -> Iterator[Sign]:
    found = list(signs_in(sent, depth))
    if found or _is_over(sent):
        yield from found
    elif name := next((sent[key] for key in _NAMES_LISTED if isinstance(sent.get(key), str) and sent[key]), None):
        yield from signs_listed(name)
    elif any(map(is_time_of_day, sent.values())):
        return  # an alarm clock
    elif any(is_set(value) for key, value in sent.items() if not is_setting(key)):
        yield None


def _entry(key: str, value: Any, depth: int, *, over: bool) -> Iterator[Sign]:
    """:param over: the object says that what it names is not, or no longer, so."""
    name = folded(key)
    if name in _NO_SIGN:
        return
    if (kind := flag_named(key)) is not None and is_set(value, kind):
        yield kind
        return
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        value = unwrapped_text(value)
    if name in _LISTED:
        yield from signs_listed(value, depth - 1) if depth else ()
    elif isinstance(value, list) and depth:
        for item in value:
            yield from _entry(key, item, depth - 1, over=over)
    elif isinstance(value, dict):
        yield from signs_in(value, depth - 1)
        if name in _TYPES and not _is_over(value):
            yield from _named_by(name, value.get("name"))
    elif not over:
        yield from _named_by(name, value)


def _named_by(name: str, value: Any) -> Iterator[Sign]:
    if isinstance(value, str):
        if name in _TYPES and (kinds := kinds_named(value)):
            yield from kinds
            return
        if name in _STATES and (kind := flag_named(value)) is not None:
            yield kind
        elif folded(value) in _ALARM_VALUES:
            yield None
        else:
            yield from told_in(value)
    if name in _ABOUT_ALARM and is_set(value):
        yield None


def is_set(value: Any, kind: AlarmKind | None = None) -> bool:
    """Of a flag, as firmware writes it: true, 1, "on", "SOS". A figure beside `gas` is what was measured."""
    if isinstance(value, dict):
        return any(is_set(value[key], kind) for key in value if key in _VALUES and not isinstance(value[key], dict))
    if _is_figure(value, kind):
        return False
    if isinstance(value, str):
        return not is_off(value)
    return value is True or (number(value) or 0) > 0


def _is_figure(value: Any, kind: AlarmKind | None) -> bool:
    if kind not in _MEASURED:
        return False
    figure = number_in_text(value) if isinstance(value, str) else number(value)
    if figure is None and isinstance(value, str):
        return value.lstrip()[:1].isdigit()  # `0.02 dB/m`
    return figure not in (None, 1)


def _name_of(record: dict[str, Any]) -> str | None:
    """`sos` of `{"n": "sos", "vb": true}`, of a SenML base name alone, of `{"code": "sos", "value": 1}`."""
    for key in ("n", "bn"):
        name = record.get(key)
        if isinstance(name, str) and name:
            return name[-128:].rstrip("/:").replace(":", "/").rpartition("/")[2]
    return next((record[key][:128] for key in _NAMES if isinstance(record.get(key), str)), None)


def _is_over(record: dict[str, Any]) -> bool:
    """`{"type": "device.fall", "active": false}`, `"state": "cleared"`. A status of 0 may be that of the message."""
    return any(
        (
            value is False
            or (_is_zero(value) and key != "status")
            or (isinstance(value, str) and value and is_off(value))
        )
        for key, value in record.items()
        if key in _VALUES
    )


def _is_zero(value: Any) -> bool:
    figure = number(value)
    return figure is not None and figure <= 0
