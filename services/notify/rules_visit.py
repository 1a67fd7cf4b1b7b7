"""One visit's part of what is told. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from contracts.order import VisitView
from services.notify import sentences, sentences_staff
from services.notify.model import Audience, Message, NoticeKind, Person, Said, Terms, VisitKnown
from services.notify.scene import Scene

RESCHEDULE = "reschedule"
AMEND = "amend"
OF_A_SERIES = "series.changed"
NOBODY_YET = frozenset({"waiting", "planned", "offered"})
UNTOLD = frozenset({"waiting", "planned"})
EARLIER = timedelta(minutes=20)
"""Who was told 9:16 is not told that it is 9:00 after all: of who is late, then not so late, then late again, people
would hear each time. They hear when the worker sets out. What a person decides is told."""


def key(scene: Scene, kind: NoticeKind, visit_id: UUID | None = None) -> str:
    return f"{scene.order.id}:{scene.order.version}:{kind}" + (f":{visit_id}" if visit_id else "")


def person(visit: VisitView) -> Person | None:
    return Person(id=visit.worker.id, name=visit.worker.name) if visit.worker else None


class VisitStep:
    """One visit from what is known of it to what it is now."""

    def __init__(self, scene: Scene, terms: Terms, visit: VisitView, known: VisitKnown) -> None:
        self._scene = scene
        self._terms = terms
        self._visit = visit
        self._before = self._known = known
        self._worker = person(visit)
        self.told: list[Message] = []

    def taken(self, *, first_to_begin: bool) -> VisitKnown:
        self._whose_it_is_no_longer()
        match self._visit.state:
            case "waiting" | "planned":
                self._nobody_has_it()
            case "offered":
                self._ask()
            case "accepted" | "on_the_way" | "in_service":
                self._settled()
        if self._scene.event.move == AMEND and self._known.asked:
            said = sentences_staff.amended(self._scene, self._known.asked_at or self._scene.order.wished_from)
            self._tell(Audience.WORKER, NoticeKind.AMENDED, said, worker_id=self._known.asked.id)
        if self._visit.state != self._before.state:
            self._new_state(first_to_begin=first_to_begin)
        return replace(self._known, state=self._visit.state)

    # --- who has it

    def _whose_it_is_no_longer(self) -> None:
        """A worker who was told that it is theirs is told that it is not; the family is told by what follows."""
        visit, known, event = self._visit, self._known, self._scene.event
        if visit.state in ("cancelled", "done", "missed", "not_met", "interrupted"):
            return
        if known.asked and (visit.state in UNTOLD or known.asked != self._worker):
            self._known = replace(self._known, asked=None, asked_at=None)
            if known.asked != self._worker and event.move != "decline":
                at = known.asked_at or self._scene.order.wished_from
                kind, said = NoticeKind.TAKEN_OFF, sentences_staff.taken_off(self._scene, at, self._code())
                if event.move == "expire":
                    kind, said = NoticeKind.OFFER_GONE, sentences_staff.offer_gone(self._scene, at)
                self._tell(Audience.WORKER, kind, said, worker_id=known.asked.id)
        if known.expected and known.expected != self._worker:
            if event.move == RESCHEDULE:  # told of the order as a whole; who comes then is told as for a new one
                self._known = replace(self._known, expected=None, expected_at=None, lost=None)
                return
            lost = known.lost or known.expected
            self._known = replace(self._known, expected=None, lost=lost, because=self._code())
            if visit.state in NOBODY_YET:
                said = sentences.looking(self._scene, self._known, lost)
                self._tell(Audience.FAMILY, NoticeKind.LOOKING, said, hold=self._looking_hold())

    def _code(self) -> str | None:
        """Why the worker has it no longer."""
        event = self._scene.event
        by_move = {"decline": "declined", RESCHEDULE: "rescheduled"}
        if event.move in ("assign", "lock"):
            return "dispatcher" if event.actor_name else "replanned"
        return by_move.get(event.move) or self._visit.waits_because

    def _looking_hold(self) -> timedelta:
        """The sooner the visit, the sooner the family must know."""
        left = (self._known.expected_at or self._scene.order.wished_from) - self._scene.now
        return max(timedelta(), min(self._terms.looking_hold, left / 8))

    def _nobody_has_it(self) -> None:
        if self._visit.state != "waiting":
            return
        since = self._known.waits_since or self._scene.now
        self._known = replace(self._known, waits_since=since)
        if self._visit.waits_because is None:
            return
        hold = max(timedelta(), since + self._terms.waits_hold - self._scene.now)
        key = f"{self._scene.order.id}:{self._visit.id}:waits:{since.isoformat()}"
        for audience in (Audience.ON_DUTY, Audience.PROVIDER):
            said = sentences_staff.waits(self._scene, self._visit, self._known.lost)
            self._tell(audience, NoticeKind.WAITS, said, hold=hold, told_once=key)

    def _ask(self) -> None:
        if self._worker and self._known.asked is None:
            said = sentences_staff.offered(self._scene, self._visit)
            self._tell(Audience.WORKER, NoticeKind.OFFERED, said, worker_id=self._worker.id)
            self._known = replace(self._known, asked=self._worker, asked_at=self._visit.starts_at)
        else:
            self._tell_worker_new_time()

    def _settled(self) -> None:
        """Somebody comes. From setting out on the begin is what it was, not what was agreed."""
        worker, known, visit, scene = self._worker, self._known, self._visit, self._scene
        if worker is None:
            return
        if known.asked is None and visit.state == "accepted":
            self._tell(Audience.WORKER, NoticeKind.GIVEN, sentences_staff.given(scene, visit), worker_id=worker.id)
            self._known = replace(self._known, asked_at=visit.starts_at)
        elif visit.state == "accepted":
            self._tell_worker_new_time()
        self._tell_family_who_comes(worker)
        agreed = visit.state == "accepted"
        self._known = replace(
            self._known,
            asked=worker,
            expected=worker,
            expected_at=visit.starts_at if agreed and self._is_new_time(known.expected_at) else known.expected_at,
            lost=None,
            because=None,
            waits_since=None,
        )

    def _tell_family_who_comes(self, worker: Person) -> None:
        known, visit, scene = self._known, self._visit, self._scene
        moved, hold = known.expected_at is not None and self._is_new_time(known.expected_at), self._late_hold()
        if known.lost and known.lost != worker:
            said = sentences.worker_changed(scene, visit, worker, known, moved=moved)
            self._tell(Audience.FAMILY, NoticeKind.WORKER_CHANGED, said, hold=hold)
        elif moved and visit.state == "accepted":
            said = sentences.time_changed(scene, visit, worker, known)
            self._tell(Audience.FAMILY, NoticeKind.TIME_CHANGED, said)
        elif known.lost and visit.state == "accepted":
            said = sentences.comes_after_all(scene, visit, worker, known)
            self._tell(Audience.FAMILY, NoticeKind.AGREED, said, hold=hold, takes_back=NoticeKind.LOOKING)
        elif known.expected is None and visit.state == "accepted":
            said = sentences.agreed(scene, visit, worker)
            self._tell(Audience.FAMILY, NoticeKind.AGREED, said, hold=hold)

    def _tell_worker_new_time(self) -> None:
        known = self._known
        if known.asked and known.asked_at and self._is_new_time(known.asked_at):
            said = sentences_staff.moved(self._scene, self._visit, known.asked_at)
            self._tell(Audience.WORKER, NoticeKind.TIME_CHANGED, said, worker_id=known.asked.id)
            self._known = replace(known, asked_at=self._visit.starts_at)

    def _is_new_time(self, told: datetime | None) -> bool:
        begin = self._visit.starts_at
        if begin is None or told is None:
            return begin is not None
        least = self._terms.tolerance
        if begin < told and self._scene.event.actor_name is None:
            least = max(least, EARLIER)
        return abs(begin - told) > least

    # --- what has become of it

    def _new_state(self, *, first_to_begin: bool) -> None:
        scene, visit, worker = self._scene, self._visit, self._worker
        family = Audience.FAMILY
        match visit.state:
            case "on_the_way" if worker:
                hold = self._late_hold(min(visit.starts_at or scene.event.at, scene.event.at))
                said = sentences.on_the_way(scene, visit, worker, late=hold > timedelta())
                self._tell(family, NoticeKind.ON_THE_WAY, said, hold=hold)
            case "in_service" if worker and first_to_begin and not scene.is_meal:
                self._tell(
                    family,
                    NoticeKind.BEGUN,
                    sentences.begun(scene, visit, worker),
                    hold=self._late_hold(visit.starts_at),
                )
            case "missed":
                self._tell(family, NoticeKind.MISSED, sentences.missed(scene, visit, self._known.asked, family=True))
                for audience in (Audience.ON_DUTY, Audience.PROVIDER):
                    self._tell(
                        audience, NoticeKind.MISSED, sentences.missed(scene, visit, self._known.asked, family=False)
                    )
            case "not_met":
                for audience in (family, Audience.ON_DUTY, Audience.PROVIDER):
                    said = sentences.not_met(scene, visit, family=audience is family)
                    self._tell(audience, NoticeKind.NOT_MET, said)
            case "interrupted" if scene.life and worker:
                self._call_off(scene.life, worker, scene.begin(visit))
                said = sentences_staff.called_off(scene, scene.begin(visit), scene.life)
                self._tell(Audience.PROVIDER, NoticeKind.INTERRUPTED, said)
            case "interrupted":
                for audience in (family, Audience.PROVIDER):
                    self._tell(audience, NoticeKind.INTERRUPTED, sentences.interrupted(scene, visit))
            case "cancelled" if self._known.asked and scene.life:
                self._call_off(scene.life, self._known.asked, self._known.asked_at or scene.order.wished_from)
            case "cancelled" if self._known.asked:
                at = self._known.asked_at or scene.order.wished_from
                said = sentences.cancelled(scene, at)
                self._tell(Audience.WORKER, NoticeKind.CANCELLED, said, worker_id=self._known.asked.id)

    def _call_off(self, life: Said, worker: Person, at: datetime) -> None:
        said = sentences_staff.called_off(self._scene, at, life)
        self._tell(Audience.WORKER, NoticeKind.CANCELLED, said, worker_id=worker.id)

    def _late_hold(self, done_at: datetime | None = None) -> timedelta:
        """Done without network and only now known: what came after it may be known in a moment."""
        late = self._scene.now - (done_at or self._scene.event.at) > self._terms.late_after
        return self._terms.late_hold if late else timedelta()

    def _tell(
        self,
        to: Audience,
        kind: NoticeKind,
        said: Said,
        *,
        worker_id: UUID | None = None,
        hold: timedelta = timedelta(),
        told_once: str | None = None,
        takes_back: NoticeKind | None = None,
    ) -> None:
        ends_alike = kind in (NoticeKind.MISSED, NoticeKind.NOT_MET, NoticeKind.INTERRUPTED, NoticeKind.CANCELLED)
        self.told.append(
            Message(
                to=to,
                kind=kind,
                said=said,
                told_once=told_once or key(self._scene, kind, None if ends_alike else self._visit.id),
                visit_id=self._visit.id,
                worker_id=worker_id,
                hold=hold,
                takes_back=takes_back,
            )
        )
