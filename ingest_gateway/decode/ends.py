"""Words that say that an alarm is over, or that somebody has it already: `cleared`, `call taken`, `已接警`."""

import re

_OFF = """
    cancel cancelled canceled clear cleared end ended restore restored recovered reset off ack release released test
    acknowledged deactivated reply enable enabled disable disabled config setting settings number numbers count none no
    not normal"""
TAKEN_BACK = frozenset(_OFF.split())
"""An unknown name that contains one of these is not an SOS just because it also contains `sos`."""
DEALT_WITH = frozenset((
    *("acked", "acknowledged", "answered", "attended", "canceled", "cancelled", "cleared", "closed", "completed"),
    *("dealt", "dismissed", "finished", "fixed", "handled", "rectified", "resolved", "settled", "solved", "taken"),
    "withdrawn",
))  # fmt: skip
"""By somebody. Not `confirmed` and `verified`: an alarm that is confirmed is a real one, the more urgent (EN 50131).
Nor `accepted`, for messages are too, nor `restored`, for networks and mains are."""
OFF_WORDS = TAKEN_BACK | DEALT_WITH | {
    *("0", "false", "null", "n", "na", "ok", "inactive", "disarmed", "disarm", "idle", "standby", "safe", "quiet"),
    *("silent", "dry", "absent", "stopped", "armed", "arming", "ready", "online", "offline", "connected"),
    *("disconnected", "paired", "nil", "up", "unavailable", "pass", "passed", "ignored", "done", "complete"),
}  # fmt: skip
_ENDS = DEALT_WITH | {
    *("ack", "complete", "done", "ended", "normal", "ok", "released", "reset", "restored", "safe"),
}  # fmt: skip
BESIDE_OFF = frozenset((
    *("alarm", "alert", "event", "detected", "triggered", "pressed", "active", "state", "status", "yet", "home"),
    "away",
))  # fmt: skip
"""`not detected`, `no alarm`."""
_BESIDE_ENDS = BESIDE_OFF | {
    *("already", "been", "by", "call", "case", "has", "incident", "is", "nurse", "operator", "staff", "ticket", "user"),
    *("was", "with"),
}  # fmt: skip
"""`call taken`, `has been dealt with`, `closed by operator`."""
_BETWEEN = frozenset(("yet", "been", "being", "fully"))

STILL_SO_IN_CHINESE = (
    "(?:[未待](?:能|被|有人)?(?:处[理置]|确认|解除|恢复|取消|接|起|解决|关闭|复位|消除|响应|应答|回应|撤销|完成|受理|办结|结案)"
    "|无(?:法|力|人?(?:响应|应答|反应|回应)|人接)|没有?(?:处理|解除|响应|应答|反应|回应|起|接))"
)
"""Not the alarm is denied but its end, or an answer: `未解决`, `无反应`."""
_BY_SOMEBODY = (
    "(?:已(?:有人)?(?:接[警听单通]|受理|响应|应答|签收|派[单人警]|出警|处[理置]|办结|结案|结束|完成|解决|关闭|消除|消警|知[晓悉])"
    "|(?<![未没有待])处[理置]完[毕成])"
)
OFF_IN_CHINESE = re.compile(
    f"(?!{STILL_SO_IN_CHINESE}|[不非](?:正常|安全))(?:无|没有|未|非|不).*|否|假|已?关闭?|空闲|待机|安全|良好|误报|虚警"
    "|(?:已|在家|外出|离家)?(?:撤防|布防)(?:成功|中)?|(?:报警|告警|警报|警情|事件|求助|sos)?(?:已|被)?确认"
    f"|.*(?:(?<![未不非待能法])(?<!未被)(?:解除|取消|恢复|复位|释放|正常|已撤销)|{_BY_SOMEBODY})"
)
"""As a whole value."""
DEALT_WITH_IN_CHINESE = re.compile(f"{_BY_SOMEBODY}|确认$|误报|虚警")
CONFIRMED = frozenset(("已确认", "确认", "被确认"))
"""Of an alarm: somebody has seen it. Of a fall: it is one."""
DEALT_WITH_WITHIN = (
    f"(?:报警|告警|警报|警情|事件|呼叫|呼救|求[助救]|[跌摔]倒|火[警灾]|漏水|泄[漏露]).*{_BY_SOMEBODY}"
    "|(?:报警|告警|警报|警情)已?确认|已处理|(?<![未没有待])处理完毕|已解决|(?<!不是)(?<!非)(?<!疑似)(?<!可能)(?<!可能是)(?:误报|虚警)"
)
"""In a sentence."""


def is_still_so(words: list[str]) -> bool:
    """Not the alarm is denied but its end: `not resolved`, `not yet been answered`."""
    denied = False
    for word in words:
        if denied and word in _ENDS:
            return True
        denied = word in ("not", "never") or (denied and word in _BETWEEN)
    return False


def say_over(words: list[str]) -> bool:
    """Whether they say that something is dealt with, and nothing else."""
    return not _ENDS.isdisjoint(words) and _BESIDE_ENDS.union(_ENDS).issuperset(words)
