"""The two sheets of a provider's staff: workers, and their shifts by weekday."""

from services.people import masked_phone
from services.providers.shifts.model import WEEKDAYS, Pattern
from services.providers.staff_sheets.cells import (
    breaks,
    certificates,
    hours,
    written_breaks,
    written_certificates,
    written_hours,
)
from services.providers.workers.model import Worker
from services.sheets import cells
from services.sheets.model import Column, SheetForm
from services.sheets.writing import TextRow

SEXES = {"女": "female", "男": "male"}
KINDS = {"员工": "employed", "志愿者": "volunteer", "结对帮扶": "neighbour", "以老助老": "peer"}
MODES = {"步行": "walk", "电动车": "ebike", "公交": "bus", "汽车": "car"}

_ID = Column(
    name="id",
    title="编号",
    also="id",
    read=cells.an_id,
    explained="由平台填写；新增人员留空。Filled in by the platform; empty for somebody new.",
)
_PHONE = "已登记人员的号码可保留带*的写法。The masked number of somebody registered may stay."
_SKILLS = cells.each(
    r"[a-z][a-z0-9_]{1,39}", "请写目录里的代码，例如 bath, meal", "write codes of the catalogue, for example bath, meal"
)
_AREAS = cells.each(
    r"\d{4}(\d{2}(\d{3}(\d{3})?)?)?", "请写 4、6、9 或 12 位区划代码", "write region codes of 4, 6, 9 or 12 digits"
)

WORKERS = SheetForm(
    name="人员",
    also="workers",
    columns=(
        _ID,
        Column(name="name", title="姓名", also="name", needed=True),
        Column(name="sex", title="性别", also="sex", read=cells.one_of(SEXES), needed=True, explained="女 / 男"),
        Column(name="phone", title="手机号", also="phone", read=cells.phone, needed=True, explained=_PHONE),
        Column(
            name="kind",
            title="用工性质",
            also="kind",
            read=cells.one_of(KINDS),
            empty="employed",
            explained=" / ".join(KINDS),
        ),
        Column(name="dialects", title="方言", also="dialects", read=cells.words, empty=()),
        Column(name="skills", title="技能", also="skills", read=_SKILLS, empty=(), explained="bath, meal"),
        Column(
            name="certificates",
            title="证书",
            also="certificates",
            read=certificates,
            empty=(),
            explained="care_worker H-7 2024-01-01 2026-12-31; …",
        ),
        Column(name="lat", title="纬度", also="latitude", read=cells.degrees),
        Column(name="lon", title="经度", also="longitude", read=cells.degrees),
        Column(
            name="datum",
            title="坐标系",
            also="datum",
            read=cells.one_of(cells.DATUMS),
            empty="WGS-84",
            explained="WGS-84 / GCJ-02 / BD-09",
        ),
        Column(
            name="travel_mode",
            title="出行方式",
            also="travel mode",
            read=cells.one_of(MODES),
            empty="ebike",
            explained=" / ".join(MODES),
        ),
        Column(name="areas", title="片区", also="areas", read=_AREAS, empty=(), explained="420202006, 420202007"),
        Column(name="day_limit_min", title="每日上限（分钟）", also="minutes a day", read=cells.whole),
        Column(name="week_limit_min", title="每周上限（分钟）", also="minutes a week", read=cells.whole),
        Column(name="month_limit_min", title="每月上限（分钟）", also="minutes a month", read=cells.whole),
        Column(name="most_visits", title="每日最多上门", also="visits a day", read=cells.whole),
        Column(name="breaks", title="休息", also="breaks", read=breaks, empty=(), explained="11:30-13:00/30"),
    ),
)

_DAYS = dict(zip(WEEKDAYS, ("周一", "周二", "周三", "周四", "周五", "周六", "周日"), strict=True))

SHIFTS = SheetForm(
    name="排班",
    also="shifts",
    columns=(
        _ID,
        Column(name="name", title="姓名", also="name"),
        Column(name="phone", title="手机号", also="phone", read=cells.phone, explained=_PHONE),
        Column(name="begins", title="生效日期", also="begins", read=cells.day, needed=True, explained="2026-03-01"),
        *(
            Column(name=day, title=title, also=day, read=hours, empty=(), explained="08:00-12:00, 13:30-17:30")
            for day, title in _DAYS.items()
        ),
        Column(
            name="on_holidays",
            title="节假日照常",
            also="on holidays",
            read=cells.one_of(cells.YES_NO),
            empty="no",
            explained="是 / 否",
        ),
    ),
)


def worker_row(worker: Worker) -> TextRow:
    base = worker.base
    numbers = ("day_limit_min", "week_limit_min", "month_limit_min", "most_visits")
    return {
        "id": str(worker.id),
        "name": worker.name,
        "sex": _written(SEXES, worker.sex),
        "phone": masked_phone(worker.phone),
        "kind": _written(KINDS, worker.kind),
        "dialects": ", ".join(worker.dialects),
        "skills": ", ".join(worker.skills),
        "certificates": written_certificates(worker.certificates),
        "lat": repr(base.lat) if base else "",
        "lon": repr(base.lon) if base else "",
        "datum": "WGS-84" if base else "",
        "travel_mode": _written(MODES, worker.travel_mode),
        "areas": ", ".join(worker.areas),
        "breaks": written_breaks(worker.breaks),
        **{name: str(value) for name in numbers if (value := getattr(worker, name)) is not None},
    }


def shift_row(worker: Worker, pattern: Pattern) -> TextRow:
    return {
        "id": str(worker.id),
        "name": worker.name,
        "phone": masked_phone(worker.phone),
        "begins": pattern.begins.isoformat(),
        "on_holidays": "是" if pattern.on_holidays else "否",
        **{day: written_hours(shifts) for day, shifts in zip(WEEKDAYS, pattern.shifts, strict=True)},
    }


def _written(words: dict[str, str], value: str) -> str:
    return next(word for word, meant in words.items() if meant == value)
