"""What an export says, in both languages. Pure."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from services.business_day import ZONE
from services.catalogue.model import Words
from services.metrics.model import Definition, Figure, FigureUnit, Target
from services.metrics.rules import month_after

Lang = Literal["zh", "en"]
NOTHING = "—"

SAYS: dict[str, Words] = {
    "title": Words("服务质量指标", "Service quality"),
    "region": Words("区域", "Region"),
    "span": Words("统计期", "Period"),
    "made": Words("制表时间", "Made"),
    "by": Words("制表人", "Made by"),
    "closed": Words("已结账", "Closed"),
    "open": Words("未结账", "Not closed"),
    "open_words": Words("数字还会变", "figures still change"),
    "digest": Words("摘要 SHA-256", "digest SHA-256"),
    "simulated": Words("模拟数据", "Simulated"),
    "simulated_words": Words("是模拟的历史，不是真实的服务", "a simulated history, no real services"),
    "restated": Words("结账后更正（处）", "Restated since"),
    "restated_words": Words("结账后有更正，此处仍为公布数", "restated after closing; this is as published"),
    "figure": Words("指标", "Figure"),
    "code": Words("指标代码", "Code"),
    "version": Words("版本", "Version"),
    "since": Words("版本起始日", "Since"),
    "split": Words("分组", "Split"),
    "of": Words("对象", "Of"),
    "key": Words("对象代码", "Key"),
    "result": Words("结果", "Result"),
    "share": Words("比率", "Share"),
    "interval": Words("95% 区间", "95 % interval"),
    "low": Words("95% 区间下限", "95 % from"),
    "high": Words("95% 区间上限", "95 % to"),
    "median_s": Words("中位时长（秒）", "Median (s)"),
    "p95_s": Words("95% 时长不超过（秒）", "95 % within (s)"),
    "hits": Words("达标", "Met"),
    "n": Words("计入", "Counted"),
    "counted": Words("达标 / 计入", "Met / counted"),
    "excluded": Words("不计", "Left out"),
    "target": Words("目标", "Target"),
    "met": Words("是否达标", "Target met"),
    "before": Words("上期", "Before"),
    "note": Words("备注", "Note"),
    "yes": Words("达标", "met"),
    "no": Words("未达标", "missed"),
    "too_few": Words("样本不足（{n}，至少 {least}）", "too few ({n}, at least {least})"),
    "none": Words("没有可统计的", "nothing to count"),
    "median": Words("中位 {value}", "median {value}"),
    "p95": Words("95% 在 {value} 内", "95 % within {value}"),
    "whole": Words("总体", "Whole"),
    "by_region": Words("按区域", "By region"),
    "by_provider": Words("按服务商", "By provider"),
    "by_model": Words("按设备型号", "By device model"),
    "by_risk": Words("按频次", "By how often"),
    "by_time": Words("按时间", "Over time"),
    "provider": Words("服务商", "Provider"),
    "model": Words("设备型号", "Device model"),
    "risk": Words("频次", "How often"),
    "time": Words("时间", "Time"),
    "weekly": Words("每周探访", "weekly"),
    "monthly": Words("每月探访", "monthly"),
    "nowhere": Words("未绑定老人的设备", "devices that nobody carries"),
    "no_model": Words("未登记型号", "model not registered"),
    "definitions": Words("定义", "Definitions"),
    "numerator": Words("分子", "Numerator"),
    "measured": Words("量什么", "Measured"),
    "denominator": Words("分母", "Denominator"),
    "left_out": Words("不计入的原因和数量", "Left out, why and how many"),
    "nothing_left_out": Words("没有", "nothing"),
    "source": Words("目标出处", "Source of the target"),
    "least": Words("最少样本", "Least counted"),
    "version_words": Words("第 {version} 版，自 {since}", "version {version}, since {since}"),
    "at_least": Words("≥ {value}", "≥ {value}"),
    "at_most": Words("≤ {value}", "≤ {value}"),
    "at_most_of": Words("{quantile} ≤ {value}", "{quantile} ≤ {value}"),
    "to": Words("{first} 至 {last}", "{first} to {last}"),
    "page": Words("第 {n} 页，共 {of} 页", "page {n} of {of}"),
    "as_today": Words("原因的数量按今天的数据统计。", "How many for which reason is as counted today."),
    "comma": Words("，", ", "),
    "hour": Words("{h} 小时", "{h} h"),
    "hour_min": Words("{h} 小时 {min} 分", "{h} h {min} min"),
    "min": Words("{min} 分", "{min} min"),
    "min_s": Words("{min} 分 {s} 秒", "{min} min {s} s"),
    "s": Words("{s} 秒", "{s} s"),
}


class Say:
    """One language."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang

    def __call__(self, name: str, **named: object) -> str:
        return self.of(SAYS[name]).format(**named)

    def of(self, words: Words) -> str:
        return words.en if self.lang == "en" else words.zh

    def duration(self, seconds: float) -> str:
        """As on the pages: “42 秒”, “3 分 5 秒”, “2 小时 10 分”."""
        whole = round(seconds)
        if whole < 60:
            return self("s", s=whole)
        if whole < 3600:
            return self("min_s" if whole % 60 else "min", min=whole // 60, s=whole % 60)
        minutes = round(whole / 60)
        return self("hour_min" if minutes % 60 else "hour", h=minutes // 60, min=minutes % 60)

    def value(self, definition: Definition, figure: Figure) -> str:
        """Of too few, that they are."""
        if figure.too_few:
            nothing = figure.n + figure.excluded == 0
            return self("none") if nothing else self("too_few", n=figure.n, least=definition.minimum_n)
        if definition.unit is FigureUnit.SHARE:
            return NOTHING if figure.share is None else f"{figure.share:.1%}"
        return NOTHING if figure.median_s is None else self("median", value=self.duration(figure.median_s))

    def range(self, figure: Figure) -> str:
        if figure.low is not None and figure.high is not None:
            return f"{figure.low:.1%} – {figure.high:.1%}"
        return "" if figure.p95_s is None else self("p95", value=self.duration(figure.p95_s))

    def target(self, definition: Definition) -> str:
        target = definition.target
        if target is None:
            return ""
        return self._target(target, definition)

    def _target(self, target: Target, definition: Definition) -> str:
        share = definition.unit is FigureUnit.SHARE
        value = f"{round(target.value * 100, 1):g}%" if share else self.duration(target.value)
        if target.quantile is not None:
            return self("at_most_of", quantile=f"{round(target.quantile * 100, 1):g}%", value=value)
        return self("at_least" if target.at_least else "at_most", value=value)

    def met(self, figure: Figure) -> str:
        return "" if figure.meets_target is None else self("yes" if figure.meets_target else "no")


def moment(at: datetime) -> str:
    """In Shanghai, which is said."""
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S} (UTC+8)"


def month_words(month: date) -> str:
    return f"{month:%Y-%m}"


def month_ranges(months: Iterable[date]) -> list[str]:
    """Those that follow each other as one: “2026-01 – 2026-11”. :param months: in order"""
    ranges: list[list[date]] = []
    for month in months:
        if ranges and month_after(ranges[-1][-1]) == month:
            ranges[-1].append(month)
        else:
            ranges.append([month])
    return [" – ".join(dict.fromkeys((month_words(some[0]), month_words(some[-1])))) for some in ranges]
