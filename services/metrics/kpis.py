"""The figures, and how each is counted: data with versions.

Conditions are over rows of `counted_cases` and `counted_visits` (migration 0150). Whoever changes one ends it with a
day and adds a version from that day on; a test keeps the ones that were published.
"""

from services.catalogue.model import Words
from services.metrics.kpis_coverage import COVERAGE
from services.metrics.kpis_terms import CANCELLED, FROM_THE_START, NOT_OVER
from services.metrics.kpis_watched import WATCHED
from services.metrics.model import Definition, Exclusion, Subject, Target

TEST = Exclusion(code="test", says=Words("测试", "a test"), where="outcome = 'test'")
DUPLICATE = Exclusion(code="duplicate", says=Words("重复告警", "a duplicate"), where="outcome = 'duplicate'")
NOT_ANSWERED = Exclusion(code="not_answered", says=Words("尚未应答", "not answered yet"), where="answered_s IS NULL")
NOT_CLOSED = Exclusion(code="not_closed", says=Words("尚未结案", "not closed yet"), where="state <> 'closed'")

NOT_ASSIGNED = Exclusion(code="not_assigned", says=Words("未派出", "never assigned"), where="assigned_s IS NULL")
NOBODY_USUAL = Exclusion(
    code="nobody_usual",
    says=Words("没有常用服务人员", "there is nobody usual"),
    where="usual IS NULL OR state <> 'done'",
)

NO_POSITION = Exclusion(
    code="no_position", says=Words("住址没有坐标", "nobody knows where she lives"), where="NOT located"
)

_ALARMS = Words("需坐席处理的告警", "alarms that an operator must answer")
_VISITS = Words("已到时间的上门服务", "visits whose time has come")
_ON_THE_QUEUE = "NOT worklist"
LATE_S = 15 * 60
"""So long after the latest wished time a visit may begin and still be on time."""
_TSA = "TSA Quality Standards Framework, monitoring KPI"

DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        id="alarm_answered_60s",
        version=1,
        since=FROM_THE_START,
        subject=Subject.CASE,
        name=Words("60 秒内应答率", "Alarms answered within 60 s"),
        numerator=Words("开案后 60 秒内有坐席认领", "claimed by an operator within 60 s of opening"),
        denominator=_ALARMS,
        counted=_ON_THE_QUEUE,
        excluded=(TEST, DUPLICATE),
        hits="(answered_s <= 60)::int",
        target=Target(value=0.975, source=_TSA),
        minimum_n=20,
    ),
    Definition(
        id="alarm_answered_180s",
        version=1,
        since=FROM_THE_START,
        subject=Subject.CASE,
        name=Words("180 秒内应答率", "Alarms answered within 180 s"),
        numerator=Words("开案后 180 秒内有坐席认领", "claimed by an operator within 180 s of opening"),
        denominator=_ALARMS,
        counted=_ON_THE_QUEUE,
        excluded=(TEST, DUPLICATE),
        hits="(answered_s <= 180)::int",
        target=Target(value=0.99, source=_TSA),
        minimum_n=20,
    ),
    Definition(
        id="alarm_answer_time",
        version=1,
        since=FROM_THE_START,
        subject=Subject.CASE,
        name=Words("告警应答时长", "Time to answer an alarm"),
        numerator=Words("开案到首次认领的时长", "from the opening of the case to the first claim"),
        denominator=_ALARMS,
        counted=_ON_THE_QUEUE,
        excluded=(TEST, DUPLICATE, NOT_ANSWERED),
        seconds="answered_s",
        target=Target(value=60, at_least=False, quantile=0.975, source=_TSA),
        minimum_n=20,
    ),
    Definition(
        id="alarm_closed",
        version=1,
        since=FROM_THE_START,
        subject=Subject.CASE,
        name=Words("告警结案率", "Alarms closed with an outcome"),
        numerator=Words("已结案且写明结果", "closed, with an outcome"),
        denominator=_ALARMS,
        counted=_ON_THE_QUEUE,
        excluded=(TEST, DUPLICATE),
        hits="(state = 'closed' AND outcome IS NOT NULL)::int",
        target=Target(value=1.0, source="design: every case ends with an outcome"),
        minimum_n=1,
    ),
    Definition(
        id="false_alarms",
        version=1,
        since=FROM_THE_START,
        subject=Subject.CASE,
        name=Words("误报率（按设备型号）", "False alarms, by device model"),
        numerator=Words("结案为误报", "closed as a false alarm"),
        denominator=Words("已结案的告警", "alarms that are closed"),
        counted=_ON_THE_QUEUE,
        excluded=(TEST, DUPLICATE, NOT_CLOSED),
        hits="(outcome = 'false_alarm')::int",
        minimum_n=30,
    ),
    Definition(
        id="visits_on_time",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("准时率", "Visits on time"),
        numerator=Words("最晚时间后 15 分钟内开始", "begun within 15 min of the latest wished time"),
        denominator=_VISITS,
        counted="true",
        excluded=(CANCELLED, NOT_OVER),
        hits=f"(late_s <= {LATE_S})::int",
        target=Target(value=0.95, source="city's order rules: 95 % within 15 min"),
        minimum_n=20,
    ),
    Definition(
        id="visits_done",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("完成率", "Visits completed"),
        numerator=Words("服务已完成", "done"),
        denominator=_VISITS,
        counted="true",
        excluded=(CANCELLED, NOT_OVER),
        hits="(state = 'done')::int",
        minimum_n=20,
    ),
    Definition(
        id="visits_missed",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("无人上门率", "Visits nobody came to"),
        numerator=Words("无人上门，或因无人可派而取消", "nobody came, or it was called off as nobody could"),
        denominator=_VISITS,
        counted="true",
        excluded=(CANCELLED, NOT_OVER),
        hits="(state = 'missed' OR unserved)::int",
        target=Target(value=0.0, at_least=False, source="design: no elder without the visit that was promised"),
        minimum_n=20,
    ),
    Definition(
        id="offers_declined",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("拒单率", "Offers declined"),
        numerator=Words("服务人员拒绝的派单", "offers that a worker declined"),
        denominator=Words("发给服务人员的派单", "offers to workers"),
        counted="offers > 0",
        each="offers",
        hits="declines",
        minimum_n=20,
    ),
    Definition(
        id="visits_reassigned",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("换人率", "Visits that changed hands"),
        numerator=Words("通知过一名以上服务人员", "told to more than one worker"),
        denominator=_VISITS,
        counted="true",
        excluded=(CANCELLED, NOT_OVER),
        hits="(workers > 1)::int",
        minimum_n=20,
    ),
    Definition(
        id="time_to_assign",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("派单时长", "Time to assign"),
        numerator=Words("下单到首次排定服务人员的时长", "from the order to the first worker assigned"),
        denominator=Words("上门服务", "visits"),
        counted="true",
        excluded=(NOT_ASSIGNED,),
        seconds="assigned_s",
        minimum_n=20,
    ),
    Definition(
        id="continuity",
        version=1,
        since=FROM_THE_START,
        subject=Subject.VISIT,
        name=Words("熟人服务率", "Continuity"),
        numerator=Words("由常用服务人员完成", "done by somebody the elder is used to"),
        denominator=Words("周期订单中已完成的服务", "visits of a recurring order that are done"),
        counted="true",
        excluded=(NOBODY_USUAL,),
        hits="usual::int",
        minimum_n=20,
    ),
    Definition(
        id="welfare_visited",
        version=1,
        since=FROM_THE_START,
        subject=Subject.REGISTER,
        name=Words("月探访率", "Monthly welfare visits"),
        numerator=Words("当月至少探访到一次", "visited at least once in the month"),
        denominator=Words("当月在册的特殊困难老年人", "elders on the special-difficulty register that month"),
        counted="state <> 'forgotten'",
        hits="(state = 'visited')::int",
        target=Target(value=1.0, source="黄石市“一老一小”整体解决方案: 月探访率 100 %"),
        minimum_n=1,
    ),
    Definition(
        id="within_15_min",
        version=1,
        since=FROM_THE_START,
        subject=Subject.REACH,
        name=Words("十五分钟养老服务圈覆盖率", "Within 15 minutes of a service"),
        numerator=Words(
            "整点时有资质的在岗人员 15 分钟内可到", "at the full hour somebody on duty who may give it is within 15 min"
        ),
        denominator=Words(
            "居家老年人（逐小时、逐项可约服务累计）", "elders at home, added up over hours and services that are open"
        ),
        counted="true",
        excluded=(NO_POSITION,),
        each="elders",
        hits="reached",
        minimum_n=1,
    ),
    *COVERAGE,
    *WATCHED,
)
