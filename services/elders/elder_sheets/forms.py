"""The sheet of elders: profiles, without what is shown to nobody unasked."""

from services.elders.model import Elder
from services.people import masked_phone
from services.sheets import cells
from services.sheets.model import Column, SheetForm
from services.sheets.writing import TextRow

SEXES = {"女": "female", "男": "male"}
ABILITIES = {
    "能力完好": "intact",
    "轻度失能": "mild",
    "中度失能": "moderate",
    "重度失能": "severe",
    "完全失能": "complete",
}
LIVING = {
    "独居": "alone",
    "与配偶同住": "with_spouse",
    "与子女同住": "with_children",
    "隔代同住": "with_grandchildren",
    "与保姆同住": "with_carer",
    "住养老机构": "institution",
}
FLAGS = {
    "独居": "lives_alone",
    "空巢": "empty_nest",
    "留守": "left_behind",
    "失能": "disabled",
    "重残": "severe_handicap",
    "计生特殊家庭": "special_family",
    "低保": "low_income",
    "高龄": "advanced_age",
    "失智": "dementia",
}
_SEMICOLONS = "用分号隔开。With semicolons between."

ELDERS = SheetForm(
    name="老人",
    also="elders",
    columns=(
        Column(
            name="id",
            title="编号",
            also="id",
            read=cells.an_id,
            explained="由平台填写；新登记的老人留空。Filled in by the platform; empty for somebody new.",
        ),
        Column(name="name", title="姓名", also="name", needed=True),
        Column(name="sex", title="性别", also="sex", read=cells.one_of(SEXES), needed=True, explained="女 / 男"),
        Column(name="birth_date", title="出生日期", also="birth date", read=cells.day, needed=True),
        Column(
            name="identity_number",
            title="身份证号",
            also="identity number",
            secret=True,
            explained="新登记必填；导出时不写，留空就不变。Needed for somebody new; never exported, empty: it stays.",
        ),
        Column(
            name="phone",
            title="电话",
            also="phone",
            read=cells.phone,
            explained="已登记的号码可保留带*的写法。The masked number of somebody registered may stay.",
        ),
        Column(
            name="ability_level",
            title="能力等级",
            also="ability level",
            read=cells.one_of(ABILITIES),
            needed=True,
            explained=" / ".join(ABILITIES),
        ),
        Column(
            name="living_situation",
            title="居住情况",
            also="living situation",
            read=cells.one_of(LIVING),
            needed=True,
            explained=" / ".join(LIVING),
        ),
        Column(name="address", title="地址", also="address", needed=True),
        Column(
            name="region_code",
            title="区划代码",
            also="region code",
            needed=True,
            explained="12 位，到社区（村）。Twelve digits, of the community or village.",
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
            name="register_flags",
            title="特殊困难",
            also="register",
            read=cells.some_of(FLAGS),
            empty=(),
            explained="、".join(FLAGS),
        ),
        Column(name="conditions", title="疾病", also="conditions", read=cells.lines, empty=(), explained=_SEMICOLONS),
        Column(name="medicines", title="用药", also="medicines", read=cells.lines, empty=(), explained=_SEMICOLONS),
        Column(name="allergies", title="过敏", also="allergies", read=cells.lines, empty=(), explained=_SEMICOLONS),
        Column(
            name="oxygen",
            title="用氧",
            also="oxygen",
            read=cells.one_of(cells.YES_NO),
            empty="no",
            explained="是 / 否",
        ),
        Column(name="door_note", title="门口提示", also="door note", empty=""),
        Column(name="notes", title="备注", also="notes", empty=""),
    ),
)


def elder_row(elder: Elder) -> TextRow:
    place = elder.location
    return {
        "id": str(elder.id),
        "name": elder.name,
        "sex": _written(SEXES, elder.sex),
        "birth_date": elder.birth_date.isoformat(),
        "phone": masked_phone(elder.phone) if elder.phone else "",
        "ability_level": _written(ABILITIES, elder.ability_level),
        "living_situation": _written(LIVING, elder.living_situation),
        "address": elder.address,
        "region_code": elder.region_code,
        "lat": repr(place.lat) if place else "",
        "lon": repr(place.lon) if place else "",
        "datum": "WGS-84" if place else "",
        "register_flags": "、".join(_written(FLAGS, flag) for flag in elder.register_flags),
        "oxygen": "是" if elder.oxygen else "否",
        "door_note": elder.door_note,
        "notes": elder.notes,
        **{name: "; ".join(getattr(elder, name)) for name in ("conditions", "medicines", "allergies")},
    }


def _written(words: dict[str, str], value: str) -> str:
    return next(word for word, meant in words.items() if meant == value)
