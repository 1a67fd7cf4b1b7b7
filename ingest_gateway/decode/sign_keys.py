"""The keys of a device's JSON, folded (`text.folded`), that say something of an alarm, and those that say nothing."""

from contracts.alarm_kind import AlarmKind

TYPE_KEYS = ("eventtype", "alarmtype", "alerttype", "event", "alarm", "alert", "eventname", "method", "cmd", "action")
"""Where vendors put the type; what stands there must name an alarm by itself."""
ALARMS_KEYS = ("alarm", "alarmlist", "alarmtypes", "furtheralarms", "alerts", "alert", "报警", "告警", "警报")
"""Beside `alarms`. Whatever is true under one of these is an alarm, even if nobody can tell which."""
LISTED = frozenset(("alarms", *ALARMS_KEYS))
ABOUT_ALARM = frozenset((
    *("alarmtype", "alarmcode", "alarmname", "alarmstatus", "alarmstate", "alarmflag", "alerttype", "isalarm"),
    *("alarmcontent", "alarmmsg", "alarm.event.trigger", "alarminfo", "alarmdesc", "alarmmessage", "alarmreason"),
    *(alarm + what for alarm in ("报警", "告警") for what in ("类型", "名称", "信息", "内容", "状态", "代码", "事件")),
))  # fmt: skip
TYPES = ABOUT_ALARM | frozenset((
    *("type", "subtype", "kind", "category", "class", "events", "flags", "warning", "warn", "reason", "trigger"),
    *("cause", "msg", "message", "text", "content", "eventcode", "keyevent", "msgtype", "messagetype"),
    *("notifytype", "notificationtype", "alertcode", "warntype", "event.enum", *TYPE_KEYS),
))  # fmt: skip
STATES = frozenset((
    *("state", "status", "key", "button", "keyname", "buttonname", "keystatus", "buttonstatus", "keycode", "report"),
    *("mastermode", "desc", "description", "状态", "按键"),
))  # fmt: skip
"""Only what is urgent, and nothing beside it, counts as their value: `inactive` is a state of the device as well."""
DESCRIPTIONS = ("desc", "description")
ALARM_VALUES = frozenset(("alarm", "alarming", "alert", "报警", "告警", "警报"))
NO_SIGN = frozenset((
    *("config", "configuration", "conf", "cfg", "settings", "setting", "setup", "options", "capabilities", "features"),
    *("functions", "supported", "supports", "thresholds", "contacts", "model", "firmware", "name", "vendor", "brand"),
    *("devicename", "devname", "devicetype", "devtype", "producttype", "alias", "nickname", "label", "设备名称"),
    *("selftest", "selfcheck", "自检", "changelog", "releasenotes", "url", "link", "href", "说明", "更新日志"),
    *("oldstate", "fromstate", "previousstate", "prevstate", "laststate", "oldvalue", "previousvalue"),
    *("manufacturer", "product", "productname", "version", "ssid", "配置", "设置", "型号", "固件", "名称", "厂商"),
))  # fmt: skip
"""What the device is, what it is set to, what was so before, and what is written about it."""
NAMES = ("name", "code", "identifier", "key", "type", "param", "tag")
SENSORS = frozenset(("sensor", "sensortype", "sensorname", "sensorid", "entity", "entityid", "deviceclass"))
"""`{"sensor": "fall", "state": "on"}`: where home automation names what a state is of."""
CHANNELS = frozenset((
    *("id", "channel", "channelname", "metric", "metricname", "measurement", "topic", "resource", "point"),
    *("servicetype", "serviceid", "tagname"),
))  # fmt: skip
"""The same where anything may be named: only what is plainly so counts."""
OFTEN_FIGURES = {"co": AlarmKind.GAS, "moisture": AlarmKind.WATER_LEAK}
"""What is measured under these names as often as it is told; a figure is no alarm."""
TRUE_IS_ALARM = {
    **OFTEN_FIGURES,
    **dict.fromkeys(("methane", "lpg", "ch4", "naturalgas", "combustiblegas"), AlarmKind.GAS),
    "water": AlarmKind.WATER_LEAK,
}
"""What else is an alarm where it is true, or on: `{"water": true}`."""
SAID_TO_BE_SO = ("detected", "triggered", "alarm")
"""A key that ends so is a flag, whatever is often measured under its name: `co_detected`."""
BY_SENSOR = {**OFTEN_FIGURES, "heat": AlarmKind.SMOKE, "water": AlarmKind.WATER_LEAK}
"""Names that tell an alarm of a sensor."""
VALUES = frozenset((
    *("v", "vb", "vs", "bv", "value", "val", "state", "status", "active", "triggered", "pressed", "detected"),
))  # fmt: skip
TOLD = VALUES | {"newstate", "tostate", "to", "fields", "data", "properties", "payload"}
"""Where it stands what a sensor says."""
OF_ALARM = ("alarm_status", "alarmStatus", "alarm_state", "alarmState")
OF_STATE = frozenset((
    *("state", "status", *OF_ALARM, "handle_status", "handleStatus", "handle_state", "handleState"),
    *("process_status", "processStatus", "状态", "处理状态", "报警状态", "告警状态"),
))  # fmt: skip
NAMES_IN = ("name", "value", "val", "v", "vs", "code")
"""`{"event": {"value": "sos"}}`"""
LISTS = frozenset(("values", "value", "data", "list", "items", "payload", "params"))
"""A text in a list under one of these may be the name of an alarm."""
OF_CLOCK = frozenset((
    *("hour", "minute", "min", "second", "weekday", "weekdays", "days", "repeat", "enable", "enabled", "on", "id"),
    *("index", "vibrate", "ring", "label", "name"),
))  # fmt: skip
"""All that an alarm clock says."""
NAMES_LISTED = ("type", "name", "alarm", "kind", "event", "n", "code")
MEASURED = (AlarmKind.SMOKE, AlarmKind.GAS, AlarmKind.WATER_LEAK)
