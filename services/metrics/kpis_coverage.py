"""What the plans of the city promise and must report: who is covered by meals, by aids for rent, by care beds at home,
and who of each group of the register was visited. Versions as in `kpis`.

What a plan counts in its own books, such as beds that were built or money that was spent, is no figure here: nothing
on this platform proves it.
"""

from datetime import date

from services.catalogue import words
from services.catalogue.model import Words
from services.elders.model import RegisterFlag
from services.metrics.kpis_terms import CANCELLED, FROM_THE_START, NOT_OVER
from services.metrics.model import Definition, Subject, Target

GROUPS_SINCE = date(2026, 12, 1)
"""Facts before do not say on which part of the register somebody is."""
PLAN = "黄石市“一老一小”整体解决方案: 月探访率 100 %"
_AT_HOME = Words(
    "居家老年人（逐小时累计，只计可约的时刻）", "elders at home, added up over the hours at which it is open"
)


def _offered(figure: str, category: str, name: Words, numerator: Words) -> Definition:
    return Definition(
        id=figure,
        version=1,
        since=FROM_THE_START,
        subject=Subject.REACH,
        name=name,
        numerator=numerator,
        denominator=_AT_HOME,
        counted=f"part = '{category}'",
        each="elders",
        hits="offered",
        minimum_n=1,
    )


def _visited(flag: RegisterFlag) -> Definition:
    """One group of those whom the plan names (特殊困难老年人)."""
    group = Words(*words.FLAG[flag])
    return Definition(
        id=f"welfare_visited_{flag.value}",
        version=1,
        since=GROUPS_SINCE,
        subject=Subject.REGISTER,
        name=Words(f"月探访率：{group.zh}", f"Monthly welfare visits: {group.en}"),
        numerator=Words("当月至少探访到一次", "visited at least once in the month"),
        denominator=Words(f"当月在册、登记为{group.zh}的老年人", f"elders on the register that month as {group.en}"),
        counted=f"state <> 'forgotten' AND '{flag.value}' = ANY (groups)",
        hits="(state = 'visited')::int",
        target=Target(value=1.0, source=PLAN),
        minimum_n=1,
    )


GROUPS = (
    RegisterFlag.LIVES_ALONE, RegisterFlag.EMPTY_NEST, RegisterFlag.LEFT_BEHIND, RegisterFlag.DISABLED,
    RegisterFlag.SEVERE_HANDICAP, RegisterFlag.SPECIAL_FAMILY,
)  # fmt: skip
"""独居、空巢、留守、失能、重残、计划生育特殊家庭. Who is of several counts in each."""

COVERAGE: tuple[Definition, ...] = (
    _offered(
        "meals_offered",
        "meal",
        Words("助餐服务覆盖率", "Meals are delivered"),
        Words("住处在当天有菜单的厨房的送餐范围内", "a kitchen with a menu that day delivers where they live"),
    ),
    _offered(
        "aids_offered",
        "aid_rental",
        Words("康复辅助器具租赁覆盖率", "Aids can be rented"),
        Words("住处有在营服务商提供租赁", "a provider in business rents them out where they live"),
    ),
    Definition(
        id="home_care_beds",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("家庭养老床位（在用）", "Care beds at home in use"),
        numerator=Words(
            "当月已上门服务的床位（按月订购，一单一床）",
            "beds served in the month (ordered by the month, one order is one bed)",
        ),
        denominator=Words("当月订购的家庭养老床位", "care beds at home ordered for the month"),
        counted="service_code = 'home_care_bed'",
        excluded=(CANCELLED, NOT_OVER),
        hits="(state = 'done')::int",
        minimum_n=1,
    ),
    *(_visited(flag) for flag in GROUPS),
)
