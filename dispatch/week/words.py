"""Reasons and changes in sentences, for people at the command line; pages have words of their own."""

import datetime
from collections.abc import Iterable

from dispatch.costs import TERM_UNITS, Terms, total
from dispatch.gates import Gate
from dispatch.model import StopState
from dispatch.proposal import Change, Refusal
from dispatch.repair import Release
from dispatch.week.mending import Mended
from dispatch.week.why import Why
from dispatch.words.en import EN
from dispatch.words.say import clock

RELEASED = {
    Release.GATE: "cannot do it any more",
    Release.TIME: "cannot be there in time any more",
    Release.PARTNER: "does it together with somebody who cannot",
}


def said_date(date: datetime.date) -> str:
    return f"{date:%a} {date.isoformat()}"


def said_why(why: Why) -> list[str]:
    names = " and ".join(f"{worker_id} at {clock(start)}" for worker_id, start in why.workers.items()) or "nobody"
    lines = [f"{said_date(why.date)}, {why.order.elder_id}: {names} ({why.order.id})."]
    if why.usual_workers:
        usual = ", ".join(f"{worker_id} ({count})" for worker_id, count in why.usual_workers.items())
        hour = "" if why.usual_start_min is None else f", usually at {clock(why.usual_start_min)}"
        lines.append(f"Other visits of the series, past and planned: {why.others}; most by {usual}{hour}.")
    elif why.order.series_id:
        lines.append("It is the only visit of its series so far.")
    for worker_id, gates in why.usual_stopped.items():
        stops = " and ".join(EN.stops[gate] for gate in gates)
        lines.append(f"{worker_id} {stops}." if stops else f"{worker_id} could come, but that would cost more.")
    if why.terms:
        lines.append(f"It costs {said_terms(why.terms)}.")
    lines += [f"Instead {' and '.join(way.worker_ids)}: {said_terms(way.terms)}." for way in why.instead]
    return lines


def said_terms(terms: Terms) -> str:
    """Only what counts, the dearest first."""
    some = sorted((name for name in terms if abs(terms[name].points) >= 0.05), key=lambda name: -terms[name].points)
    each = ", ".join(
        f"{name} {terms[name].points:+.1f} for {terms[name].amount:.3g} {TERM_UNITS[name]}" for name in some
    )
    return f"{total(terms):.1f} points" + (f" ({each})" if each else "")


def said_mended(mended: Mended, date: datetime.date) -> list[str]:
    lines = [said_change(change, mended) for change in mended.changes]
    lines += [f"Nobody can take {refusal.order_id}: {said_refusal(refusal)}." for refusal in mended.unplaced]
    return [f"{said_date(date)}: {line}" for line in lines] or [f"{said_date(date)}: nothing changes."]


def said_change(change: Change, mended: Mended) -> str:
    told = " They have been told before and must hear of it." if change.state is StopState.TOLD else ""
    if change.to_worker_id is None or change.to_start_min is None:
        return f"{change.visit_id} is taken from {change.from_worker_id}, and nobody has it.{told}"
    to = f"{change.to_worker_id} at {clock(change.to_start_min)}"
    if change.from_worker_id is None or change.from_start_min is None:
        return f"{change.visit_id} goes to {to}."
    if change.from_worker_id == change.to_worker_id:
        return f"{change.visit_id} by {to} instead of {clock(change.from_start_min)}, to make room.{told}"
    why = mended.released.get(change.visit_id)
    reason = f", who {RELEASED[why]}" if why else ", to make room"
    was = f"{change.from_worker_id} at {clock(change.from_start_min)}"
    return f"{change.visit_id} goes to {to} instead of {was}{reason}.{told}"


def said_refusal(refusal: Refusal) -> str:
    """How many workers each reason stops."""
    gates = [gate for by_worker in refusal.stopped.values() for some in by_worker.values() for gate in some]
    return "; ".join(f"{count} {_people(count, EN.stops[gate])}" for gate, count in _counted(gates)) or refusal.reason


def _people(count: int, stops: str) -> str:
    return f"worker {stops}" if count == 1 else f"workers: each {stops}"


def _counted(gates: Iterable[Gate]) -> list[tuple[Gate, int]]:
    counts: dict[Gate, int] = {}
    for gate in gates:
        counts[gate] = counts.get(gate, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])
