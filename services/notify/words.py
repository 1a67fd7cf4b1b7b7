"""The words that a notice is made of: times, people, reasons. Pure."""

from datetime import date, datetime, timedelta

from services.business_day import ZONE, business_day
from services.notify.model import Said

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_TWO_PART_SURNAMES = frozenset({"欧阳", "司马", "上官", "诸葛", "司徒", "东方", "夏侯", "皇甫", "尉迟", "公孙", "慕容"})

ONE_TIME = timedelta(minutes=30)
"""A window so short is said as its begin."""

PROVIDER_SUSPENDED, PROVIDER_LEFT = "provider_suspended", "provider_left"
HOLIDAY = "series.holiday"
ADDRESS_CHANGED = "address_changed"
REASONS: dict[str, Said] = {
    "leave": Said("{name}请假", "{name} is on leave"),
    "sick": Said("{name}病了", "{name} is ill"),
    "worker_absent": Said("{name}请假", "{name} is on leave"),
    "late": Said("{name}前一家耽误了", "{name} was held up at the visit before"),
    "left": Said("{name}不在岗了", "{name} no longer works there"),
    "declined": Said("{name}来不了", "{name} cannot come then"),
    "not_answered": Said("{name}没有回复", "{name} did not answer"),
    "replanned": Said("行程作了调整", "the round was planned anew"),
    "released": Said("调度员调整了安排", "the dispatcher changed the plan"),
    PROVIDER_SUSPENDED: Said("服务商暂停服务", "the provider has suspended its services"),
    "elder_refused": Said("您要求换人", "somebody else was asked for"),
    ADDRESS_CHANGED: Said("老人的住址换了", "she lives elsewhere now"),
    "no_position": Said("老人的新住址还没有定位", "her new address has no position on the map yet"),
    "dispatcher": Said("调度员调整了安排", "the dispatcher changed the plan"),
}
"""By the code of why a worker does not come after all. What somebody wrote in their own words is not passed on: it may
be private."""

WAITING: dict[str, Said] = {
    PROVIDER_SUSPENDED: Said("服务商暂停服务", "the provider has suspended its services"),
    ADDRESS_CHANGED: Said("老人的住址换了，正在重新找人", "she lives elsewhere now, and somebody is looked for anew"),
    "no_worker": Said("没有合适的人能去", "nobody suitable can go"),
    "no_second_worker": Said("要两个人，只有一个人能去", "it takes two, and only one can go"),
    "no_room": Said("能去的人那段时间都排满了", "all who could go are taken at that time"),
    "too_late": Said("已经赶不上约定的时间", "nobody can be there in time"),
    "no_position": Said("地址没有定位", "the address has no position on the map"),
}
"""By the code of why an order has nobody yet."""


LIVES: dict[str, Said] = {
    "elder.died": Said("{name}老人已经离世", "{name} has passed away"),
    "elder.in_hospital": Said("{name}住院了", "{name} is in hospital"),
    "elder.away": Said("{name}外出不在家", "{name} is away"),
    "elder.moved": Said("{name}搬家了", "{name} has moved house"),
    "elder.moved_out": Said("{name}迁出本市了", "{name} has moved out of the city"),
}
"""By the reason of a move that an elder's life has made."""


def life(code: str | None, name: str) -> Said | None:
    """`王秀英住院了`; None: it was something else."""
    words = LIVES.get(code or "")
    return Said(words.zh.format(name=name), words.en.format(name=name)) if words else None


def called(name: str) -> Said:
    """王建国 → 王师傅. English keeps the whole name."""
    if name.endswith("师傅") or not "\u4e00" <= name[:1] <= "\u9fff":
        return Said(name, name)
    return Said((name[:2] if name[:2] in _TWO_PART_SURNAMES else name[:1]) + "师傅", name)


def clock(at: datetime) -> str:
    """`9:05`, as people here say it."""
    local = at.astimezone(ZONE)
    return f"{local.hour}:{local.minute:02}"


def day(at: datetime, now: datetime) -> Said:
    """With its date unless it is today: the sentence is read again when `tomorrow` is over."""
    return on_day(at.astimezone(ZONE).date(), business_day(now))


def on_day(local: date, today: date) -> Said:
    """A business day, as in `day`."""
    zh, en = f"{local.month}月{local.day}日", f"{local.day} {_MONTHS[local.month - 1]}"
    match (local - today).days:
        case 0:
            return Said("今天", "today")
        case 1:
            return Said(f"明天（{zh}）", f"tomorrow ({en})")
        case 2:
            return Said(f"后天（{zh}）", f"on {_weekday(local)} {en}")
        case -1:
            return Said(f"昨天（{zh}）", f"yesterday ({en})")
    return Said(f"{zh}{_WEEKDAYS[local.weekday()]}", f"on {_weekday(local)} {en}")


def _weekday(local: date) -> str:
    return _DAYS[local.weekday()]


def when(at: datetime, now: datetime) -> Said:
    """`今天 9:00`, `明天（11月30日）9:00`."""
    named = day(at, now)
    return Said(named.zh + ("" if named.zh.endswith("）") else " ") + clock(at), f"{named.en} at {clock(at)}")


def then(at: datetime, before: datetime, now: datetime) -> Said:
    """The new time of what was to be before: on the same day its clock alone."""
    if business_day(at) == business_day(before):
        return Said(f" {clock(at)}", f"at {clock(at)}")
    return when(at, now)


def between(first: datetime, last: datetime, now: datetime) -> Said:
    """`明天（11月30日）9:00 到 11:00 之间`; a window of half an hour or less is its begin."""
    begin = when(first, now)
    if last - first <= ONE_TIME:
        return begin
    return Said(f"{begin.zh} 到 {clock(last)} 之间", f"{day(first, now).en} between {clock(first)} and {clock(last)}")


def inside(label: str) -> str:
    """An English label inside a sentence: `Bathing` → `bathing`; `GP visit` stays."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def yuan(fen: int) -> str:
    return f"¥{fen // 100}.{fen % 100:02}"


def minutes(span: timedelta) -> int:
    """At least one."""
    return max(1, -int(-span.total_seconds() // 60))


def reason(code: str | None, name: str) -> Said | None:
    """`王师傅请假`; None where the reason is not one of ours."""
    words = REASONS.get(code or "")
    who = called(name)
    return Said(words.zh.format(name=who.zh), words.en.format(name=who.en)) if words else None


def is_about_worker(code: str | None) -> bool:
    return "{name}" in REASONS.get(code or "", Said("", "")).zh


def waiting_because(code: str | None) -> Said | None:
    return WAITING.get(code or "")
