"""The rule as a sentence in both languages: “每周二、四 上午9:00–10:00，遇节假日顺延”. Pure."""

from services.catalogue.model import Words
from services.orders.series.model import Frequency, HolidayRule, Hours, MonthEnd, NthDay, Rule, Terms

_ZH_DAYS = "一二三四五六日"
_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZH_NTH = {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", -1: "最后一个"}
_EN_NTH = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
_HOLIDAYS = {
    HolidayRule.KEEP: Words("节假日照常", "also on public holidays"),
    HolidayRule.DROP: Words("遇节假日取消", "not on public holidays"),
    HolidayRule.MOVE: Words("遇节假日顺延", "moved to the next working day on public holidays"),
}


def sentence(terms: Terms) -> Words:
    rule, days = terms.rule, _days(terms.rule)
    zh = f"{days.zh} {_zh_span(terms.hours)}，{_HOLIDAYS[terms.holidays].zh}"
    en = f"{days.en}, {_en_span(terms.hours)}, {_HOLIDAYS[terms.holidays].en}"
    short = [day for day in rule.month_days if day > 28]
    if short:
        if terms.month_end is MonthEnd.LAST_DAY:
            zh += f"，没有{short[0]}日的月份改在最后一天"
            en += f", on the last day of months without a {_ordinal(short[0])}"
        else:
            zh += f"，没有{short[0]}日的月份不安排"
            en += f", not in months without a {_ordinal(short[0])}"
    if rule.count is not None:
        zh, en = zh + f"，共{rule.count}次", en + (f", {rule.count} times" if rule.count > 1 else ", once")
    if rule.until is not None:
        until = rule.until
        zh += f"，至{until.year}年{until.month}月{until.day}日"
        en += f", until {until.day} {until:%B} {until.year}"
    return Words(zh, en[0].upper() + en[1:])


def _days(rule: Rule) -> Words:
    n = rule.interval
    match rule.frequency:
        case Frequency.DAILY:
            every = Words("每天" if n == 1 else f"每{n}天", "every day" if n == 1 else f"every {n} days")
            if not rule.days:
                return every
            zh, en = _weekdays(rule.days)
            return Words(zh if n == 1 else f"{every.zh}（限{zh}）", en if n == 1 else f"{every.en} if it is {en}")
        case Frequency.WEEKLY:
            zh, en = _weekdays(rule.days)
            if n == 1:
                return Words("每天", "every day") if len(rule.days) == 7 else Words(f"每{zh}", f"every {en}")
            return Words(f"每{n}周的{zh}", f"every {n} weeks on {en}")
        case Frequency.MONTHLY:
            zh, en = _in_month(rule)
            months = (
                Words("每月", "of each month") if n == 1 else Words(f"每{n}个月的", f"of every {_ordinal(n)} month")
            )
            return Words(f"{months.zh}{zh}", f"the {en} {months.en}")


def _weekdays(days: tuple[NthDay, ...]) -> tuple[str, str]:
    numbers = [day.weekday for day in days]
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return (
            f"周{_ZH_DAYS[numbers[0]]}至周{_ZH_DAYS[numbers[-1]]}",
            f"{_EN_DAYS[numbers[0]]} to {_EN_DAYS[numbers[-1]]}",
        )
    return "周" + "、".join(_ZH_DAYS[n] for n in numbers), _and([_EN_DAYS[n] for n in numbers])


def _in_month(rule: Rule) -> tuple[str, str]:
    if rule.month_days:
        chinese = ["最后一天" if day == -1 else f"{day}日" for day in rule.month_days]
        return "、".join(chinese), _and(["last day" if day == -1 else _ordinal(day) for day in rule.month_days])
    chinese = [f"{_ZH_NTH[day.nth]}周{_ZH_DAYS[day.weekday]}" for day in rule.days]
    return "、".join(chinese), _and([f"{_EN_NTH[day.nth]} {_EN_DAYS[day.weekday]}" for day in rule.days])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def _ordinal(n: int) -> str:
    suffix = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def _zh_span(hours: Hours) -> str:
    begin, end = hours.earliest_min, hours.latest_min
    first = _zh_part(begin) + _zh_clock(begin)
    if begin == end:
        return first
    return f"{first}–{'' if _zh_part(end) == _zh_part(begin) else _zh_part(end)}{_zh_clock(end)}"


def _zh_part(minute: int) -> str:
    hour = minute // 60
    if hour < 12:
        return "上午"
    return "中午" if hour == 12 else "下午" if hour < 18 else "晚上"


def _zh_clock(minute: int) -> str:
    hour = minute // 60
    return f"{hour - 12 if hour > 12 else hour}:{minute % 60:02d}"


def _en_span(hours: Hours) -> str:
    begin, end = hours.earliest_min, hours.latest_min
    if begin == end:
        return _en_clock(begin)
    return f"{_en_clock(begin)}–{_en_clock(end)}"


def _en_clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
