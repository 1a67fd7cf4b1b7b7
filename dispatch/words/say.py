"""An answer of dispatch as sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from dispatch.costs import TERM_UNITS, Term, Terms, difference
from dispatch.gates import Gate
from dispatch.model import Order, StopState
from dispatch.proposal import Alternative, Proposal, Refusal
from dispatch.what_if import Consequences
from dispatch.why import Why
from dispatch.words.language import Language, counted

Names = Mapping[str, str]
"""Worker id → how that person is called; whoever is not in it is called by the id."""

WORTH_SAYING = 0.15
"""Of what two ways differ by in all: a smaller difference is not said."""
FAMILIAR = 0.5
"""Of `stranger`, which is 1 for somebody whom the elder has never seen."""
NO_NAMES: Names = {}


def clock(minutes: float) -> str:
    """09:05, also on the next day."""
    whole = round(minutes)
    return f"{whole // 60 % 24:02d}:{whole % 60:02d}"


def said_why(found: Why, language: Language, names: Names = NO_NAMES) -> list[str]:
    if isinstance(found.answer, Refusal):
        return said_refusal(found.order, found.answer, language)
    lines = said_proposal(found.order, found.answer, language, names)
    return lines if found.planned else [language.waits, *lines]


def said_proposal(order: Order, proposal: Proposal, language: Language, names: Names = NO_NAMES) -> list[str]:
    """Who comes, when, why not the next two, and why nobody else."""
    why, come = proposal.explanation, [one.worker_id for one in proposal.assignments]
    lines = [_who_comes(order, proposal, language, names)]
    told: list[set[str]] = [set(come)]
    for way in why.next_best:
        if set(way.worker_ids) not in told:  # the same two the other way round are nobody else
            told.append(set(way.worker_ids))
            lines.append(_instead(way, why.terms, come, language, names))
    told_of = {*come, *(worker_id for way in why.next_best for worker_id in way.worker_ids)}
    if others := (why.dearer.keys() | why.at_least.keys()) - told_of:
        lines.append(language.others.format(n=len(others)))
    return lines + _who_cannot(order, why.stopped, language)


def said_refusal(order: Order, refusal: Refusal, language: Language) -> list[str]:
    """Why nobody comes, and what stops how many."""
    return [language.refused[refusal.reason], *_who_cannot(order, refusal.stopped, language)]


def said_override(found: Consequences, language: Language, who: str) -> list[str]:
    """What it would mean that this person comes instead, or what forbids it."""
    if found.gates:
        stops = language.stop_mark.join(language.stops[gate] for gate in found.gates)
        return [language.stopped.format(who=who, why=stops)]
    lines = [_compared(who, _one_lateness(found.terms), language)]
    told = sum(change.state in (StopState.TOLD, StopState.PROMISED) for change in found.changes)
    return [*lines, language.told_anew.format(n=told)] if told else lines


def _who_comes(order: Order, proposal: Proposal, language: Language, names: Names) -> str:
    at_once: dict[str, list[str]] = {}
    for one in proposal.assignments:
        at_once.setdefault(clock(one.start_min), []).append(one.worker_id)
    said = [language.comes.format(who=_called(who, language, names), at=at) for at, who in at_once.items()]
    late = round(proposal.assignments[0].start_min - order.window.to_min)
    said.append(counted(language.late, late) if late > 0 else language.in_time)
    stranger = proposal.explanation.terms.get("stranger")
    if order.familiarity and (stranger is None or stranger.amount < FAMILIAR * len(proposal.assignments)):
        said.append(language.known)
    return language.gap.join(said)


def _called(worker_ids: Sequence[str], language: Language, names: Names) -> str:
    return language.and_mark.join(names.get(worker_id, worker_id) for worker_id in worker_ids)


def _instead(way: Alternative, chosen: Terms, come: Sequence[str], language: Language, names: Names) -> str:
    """What would be worse with somebody else, and what better."""
    who = _called(
        [worker_id for worker_id in way.worker_ids if worker_id not in come] or way.worker_ids, language, names
    )
    return _compared(who, _one_lateness(difference(way.terms, chosen)), language)


def _compared(who: str, terms: Terms, language: Language) -> str:
    against, favour = _phrases(terms, language.more, 1.0), _phrases(terms, language.less, -1.0)
    if not against:
        return language.as_good.format(who=who)
    said = [language.instead.format(who=who, what=language.stop_mark.join(against))]
    if favour:
        said.append(language.but.format(what=language.stop_mark.join(favour)))
    return language.gap.join(said)


def _one_lateness(terms: Mapping[str, Term]) -> Mapping[str, Term]:
    """How late one is, and how late the latest of all is, are one thing to say."""
    late = [terms[name] for name in ("tardiness", "max_tardiness") if name in terms]
    if not late:
        return terms
    rest = {name: term for name, term in terms.items() if name not in ("tardiness", "max_tardiness")}
    return rest | {"tardiness": Term(max(late, key=lambda term: abs(term.amount)).amount, sum(t.points for t in late))}


def _phrases(terms: Mapping[str, Term], phrases: Mapping[str, str], sign: float) -> list[str]:
    """What differs in this direction, the weightiest first; not what would be said as nought minutes."""
    in_all = sum(abs(term.points) for term in terms.values())
    ranked = sorted(terms.items(), key=lambda item: -sign * item[1].points)
    return [
        counted(phrases[name], round(abs(term.amount)))
        for name, term in ranked
        if name in phrases
        and sign * term.points > WORTH_SAYING * in_all
        and (TERM_UNITS[name] != "min" or round(abs(term.amount)))
    ]


def _who_cannot(order: Order, stopped: Mapping[str, Mapping[str, tuple[Gate, ...]]], language: Language) -> list[str]:
    """For each visit that waits, once where it is the same; the first reason counts for whom several stop."""
    said: dict[str, list[int]] = {}
    for number, visit in enumerate(order.visits, 1):
        if by_worker := stopped.get(visit.id):
            why = language.stop_mark.join(_counted(by_worker.values(), language))
            said.setdefault(language.cannot.format(n=len(by_worker), why=why), []).append(number)
    if len(said) < 2:
        return list(said)
    return [language.gap.join([language.two.format(n=numbers[0]), line]) for line, numbers in said.items()]


def _counted(gates: Iterable[tuple[Gate, ...]], language: Language) -> list[str]:
    counts = Counter(some[0] for some in gates)
    return [
        (language.one if count == 1 else language.some).format(n=count, stop=language.stops[gate])
        for gate, count in counts.most_common()
    ]
