"""What is refused about a worker. Pure."""

from collections.abc import Iterable
from itertools import pairwise

from services.errors import DomainError
from services.providers.workers.model import Break, Certificate, Worker

UNPAID_DAY_MIN, UNPAID_WEEK_MIN, UNPAID_MONTH_MIN = 4 * 60, 12 * 60, 48 * 60
"""More than this nobody does unpaid."""


class BadWorker(DomainError):
    """`field` names what is wrong."""

    code = "workers.bad_worker"
    status = 422
    title = "A worker cannot be like this"


class AreaOutside(DomainError):
    """`areas` are those that are not the provider's."""

    code = "workers.area_outside"
    status = 422
    title = "The provider does not serve this area"


class PhoneTaken(DomainError):
    """`worker_id` names who has it."""

    code = "workers.phone_taken"
    status = 409
    title = "This provider has a worker with this phone number already"


class UnknownElder(DomainError):
    code = "workers.unknown_elder"
    status = 422
    title = "There is no elder with this id where the provider serves"


def check(worker: Worker, provider_regions: Iterable[str]) -> None:
    """:raises BadWorker: :raises AreaOutside:"""
    outside = [area for area in worker.areas if not area.startswith(tuple(provider_regions))]
    if outside:
        raise AreaOutside(", ".join(outside), areas=outside)
    _check_certificates(worker.certificates)
    _check_breaks(worker.breaks)
    _check_limits(worker)
    if worker.paid and worker.elder_ids:
        raise BadWorker("an employee is paired with nobody: orders decide whom they visit", field="elder_ids")


def _check_certificates(certificates: Iterable[Certificate]) -> None:
    held = list(certificates)
    if len({(one.kind, one.number) for one in held}) < len(held):
        raise BadWorker("a certificate stands there twice", field="certificates")
    for one in held:
        if one.valid_until < one.valid_from:
            raise BadWorker(f"certificate {one.number} ends before it begins", field="certificates")


def _check_breaks(breaks: Iterable[Break]) -> None:
    for one in breaks:
        if one.to_min < one.from_min:
            raise BadWorker("the window of a break ends before it begins", field="breaks")


def _check_limits(worker: Worker) -> None:
    named = {name: getattr(worker, name) for name in ("day_limit_min", "week_limit_min", "month_limit_min")}
    given = [(name, value) for name, value in named.items() if value is not None]
    for (shorter, less), (longer, more) in pairwise(given):
        if less > more:
            raise BadWorker(f"{shorter} is more than {longer}", field=shorter)
    if worker.paid:
        return
    for (name, value), most in zip(named.items(), (UNPAID_DAY_MIN, UNPAID_WEEK_MIN, UNPAID_MONTH_MIN), strict=True):
        if value is None or value > most:
            raise BadWorker(f"an unpaid helper has a {name} of at most {most}", field=name)
