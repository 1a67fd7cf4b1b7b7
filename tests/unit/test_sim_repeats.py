"""When a simulated device repeats an event, on a clock of the test's own."""

from device_sim.repeats import Repeats, wait_after


def _sent_at(repeats: Repeats, until: float) -> list[float]:
    """The moments at which something is sent, stepping from due time to due time."""
    moments = []
    now = repeats.next_at()
    while now is not None and now <= until:
        if repeats.due(now):
            moments.append(now)
        now = repeats.next_at()
    return moments


def test_an_event_is_repeated_after_5_10_20_40_and_then_every_60_seconds() -> None:
    repeats = Repeats()
    repeats.add("a", 100.0)
    assert _sent_at(repeats, 360.0) == [100, 105, 115, 135, 175, 235, 295, 355]
    assert [wait_after(sending) for sending in range(1, 8)] == [5, 10, 20, 40, 60, 60, 60]


def test_a_reconnect_makes_everything_due_at_once_without_lengthening_the_waits() -> None:
    repeats = Repeats()
    repeats.add("a", 0.0)
    _sent_at(repeats, 20.0)
    repeats.hurry(21.0)
    assert repeats.due(21.0) == ["a"]
    assert repeats.next_at() == 21.0 + 20.0


def test_a_settled_event_is_never_sent_again_and_a_second_receipt_tells_nothing_new() -> None:
    repeats = Repeats()
    repeats.add("a", 0.0)
    repeats.add("b", 0.0)
    assert repeats.due(0.0) == ["a", "b"]
    assert repeats.settle("a")
    assert not repeats.settle("a")
    assert repeats.due(5.0) == ["b"]
    assert len(repeats) == 1


def test_adding_an_event_again_does_not_restart_its_schedule() -> None:
    repeats = Repeats()
    repeats.add("a", 0.0)
    repeats.due(0.0)
    repeats.add("a", 1.0)
    assert repeats.due(1.0) == []
