"""What is refused about a series."""

from services.errors import DomainError


class BadHours(DomainError):
    code = "series.bad_hours"
    status = 422
    title = "The usual time lies between the earliest and the latest, all on one day"


class NotADate(DomainError):
    """`nearest` are the dates of the rule beside it."""

    code = "series.not_a_date"
    status = 422
    title = "The series has no visit on this date: choose one of its dates"


class DayTaken(DomainError):
    code = "series.day_taken"
    status = 422
    title = "The series has a visit on that day already: choose another day"


class TooFarMoved(DomainError):
    code = "series.too_far_moved"
    status = 422
    title = "A visit is moved by at most a month: skip it and order another one instead"


class InThePast(DomainError):
    """`today` is the first day possible."""

    code = "series.in_the_past"
    status = 422
    title = "What is past is not changed: choose today or a later day"


class BadPause(DomainError):
    code = "series.bad_pause"
    status = 422
    title = "A pause ends after it begins, and two pauses do not overlap"


class NotPaused(DomainError):
    code = "series.not_paused"
    status = 409
    title = "The series is not paused on that day"


class Over(DomainError):
    code = "series.over"
    status = 409
    title = "This series has ended: begin a new one"


class BadChange(DomainError):
    code = "series.bad_change"
    status = 422
    title = "A move names the day to which the visit is moved, or another time; a skip names neither"
