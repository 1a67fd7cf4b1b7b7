"""What pages are told of escalation plans, and of the run of one case's plan."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from contracts.alarm_kind import AlarmKind
from services.response.editing import Rehearsed
from services.response.model import (
    Answer,
    Because,
    Channel,
    Days,
    During,
    Fate,
    Hold,
    Hours,
    PlanTerms,
    PlanVersion,
    Step,
    Who,
)
from services.response.plans import DEFAULT, in_force
from services.response.rehearsal import Warned
from services.response.store_runs import KeptRun, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStepView:
    after_seconds: int
    who: Who
    channel: Channel
    during: During
    number: str | None
    answer: Answer
    """What ends the wait after it; `with_her` is shown to the operator and ends nothing."""

    @classmethod
    def of(cls, step: Step) -> "EscalationStepView":
        return cls(
            after_seconds=step.after_seconds, who=step.who, channel=step.channel, during=step.during,
            number=step.number, answer=step.answer,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationHoursView:
    weekdays: list[int]
    days: Days
    from_min: int
    until_min: int

    @classmethod
    def of(cls, hours: Hours) -> "EscalationHoursView":
        return cls(weekdays=list(hours.weekdays), days=hours.days, from_min=hours.from_min, until_min=hours.until_min)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationTermsView:
    name: str
    kinds: list[AlarmKind]
    hours: EscalationHoursView
    steps: list[EscalationStepView]

    @classmethod
    def of(cls, terms: PlanTerms) -> "EscalationTermsView":
        return cls(
            name=terms.name, kinds=list(terms.kinds), hours=EscalationHoursView.of(terms.hours),
            steps=[EscalationStepView.of(step) for step in terms.steps],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationVersionView:
    version: int
    valid_from: date
    ended: bool
    in_force: bool
    terms: EscalationTermsView


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPlanView:
    id: UUID
    region_code: str
    region_name: str
    elder_id: UUID | None
    elder_name: str | None
    version: int
    """The newest."""
    versions: list[EscalationVersionView]
    """The newest first."""

    @classmethod
    def of(
        cls, versions: Sequence[PlanVersion], now: datetime, regions: Mapping[str, str], elders: Mapping[UUID, str]
    ) -> "EscalationPlanView":
        """:param versions: of one plan"""
        place, holding = versions[0].place, in_force(versions, now)
        newest_first = sorted(versions, key=lambda one: -one.version)
        return cls(
            id=place.id,
            region_code=place.region_code,
            region_name=regions.get(place.region_code, place.region_code),
            elder_id=place.elder_id,
            elder_name=elders.get(place.elder_id) if place.elder_id else None,
            version=newest_first[0].version,
            versions=[
                EscalationVersionView(
                    version=one.version, valid_from=one.valid_from, ended=one.ended, in_force=one in holding,
                    terms=EscalationTermsView.of(one.terms),
                )
                for one in newest_first
            ],
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationPlanList:
    built_in: list[EscalationStepView]
    """Holds where nothing is written."""
    items: list[EscalationPlanView]

    @classmethod
    def of(cls, items: list[EscalationPlanView]) -> "EscalationPlanList":
        return cls(built_in=[EscalationStepView.of(step) for step in DEFAULT.steps], items=items)


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationWarningView:
    code: Warned
    step: int | None
    """Its index in the draft, the steps in the order of their time."""
    count: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsedStepView:
    at: datetime
    """If nobody takes the case, or if somebody takes it at once."""
    step: EscalationStepView


@dataclass(frozen=True, slots=True, kw_only=True)
class RehearsalView:
    plan_id: UUID | None
    """None: the built-in plan."""
    name: str
    is_draft: bool
    steps: list[RehearsedStepView]
    warnings: list[EscalationWarningView]
    """Of the draft."""

    @classmethod
    def of(cls, rehearsed: Rehearsed, at: datetime) -> "RehearsalView":
        plan = rehearsed.plan
        return cls(
            plan_id=None if rehearsed.is_draft else plan.plan_id,
            name=plan.name,
            is_draft=rehearsed.is_draft,
            steps=[
                RehearsedStepView(at=at + timedelta(seconds=step.after_seconds), step=EscalationStepView.of(step))
                for step in plan.steps
            ],
            warnings=[
                EscalationWarningView(code=one.code, step=one.step, count=one.count) for one in rehearsed.warnings
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLineView:
    step: int
    """Its index in the plan."""
    fate: Fate
    because: Because | None
    at: datetime
    due_at: datetime
    told: int | None
    """How many pages or consoles it reached; none: a suggestion."""

    @classmethod
    def of(cls, one: Written) -> "RunLineView":
        line = one.line
        return cls(step=line.step, fate=line.fate, because=line.because, at=line.at, due_at=line.due_at, told=one.told)


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingView:
    step: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """The run of a case's plan: what was done, and what comes next."""

    plan_id: UUID | None
    """None: the built-in plan."""
    plan_version: int
    plan_name: str
    hold: Hold
    since: datetime
    """Waits count from here."""
    steps: list[EscalationStepView]
    done: list[RunLineView]
    """In the order in which it came."""
    pending: list[PendingView]
    """The next first."""

    @classmethod
    def of(cls, kept: KeptRun, log: Sequence[Written]) -> "RunView":
        plan, run = kept.plan, kept.run
        return cls(
            plan_id=plan.plan_id,
            plan_version=plan.version,
            plan_name=plan.name,
            hold=run.hold,
            since=run.since,
            steps=[EscalationStepView.of(step) for step in plan.steps],
            done=[RunLineView.of(one) for one in log],
            pending=[
                PendingView(step=step, due_at=due_at)
                for step, due_at in sorted(run.pending.items(), key=lambda one: (one[1], one[0]))
            ],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEscalation:
    run: RunView | None
    """None: the case is technical, or its run has not begun yet."""
