"""When a flood is told, with which figures; and how many dead letters of one device are kept."""

from datetime import timedelta

from hand_clock import AT, Clock

from backbone.dead_letters import letter_id
from backbone.letter_bounds import DIGESTS, WHOLE_BYTES, WHOLE_LETTERS, LetterBounds
from contracts.alarm_kind import AlarmKind
from contracts.dead_letter import DeadLetter
from contracts.device_event import DeviceEvent
from contracts.topics import DEAD_LETTER, DEVICE_EVENT
from ingest_gateway.flood.book import FloodBook


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.book = FloodBook(self.clock, self.clock.date)

    def floods(self, seconds: float, *, a_second: int = 100) -> list[DeviceEvent]:
        """What is told meanwhile."""
        told = []
        for _ in range(round(seconds * 10)):
            for _ in range(a_second // 10):
                self.book.heard("W-001", 200)
                self.book.counted("W-001")
            self.clock.now += 0.1
            told += self.told()
        return told

    def told(self) -> list[DeviceEvent]:
        return [DeviceEvent.read(record.value) for record in self.book.due() if record.topic == DEVICE_EVENT.name]


def test_a_flood_is_told_when_it_has_gone_on_for_a_second_and_then_once_a_minute() -> None:
    scene = Scene()
    first, second, third = scene.floods(130)
    assert (first.kinds, first.device_id) == ((AlarmKind.FLOOD,), "W-001")
    assert first.occurred_at - AT < timedelta(seconds=2)
    assert timedelta(seconds=59) < second.occurred_at - first.occurred_at < timedelta(seconds=61)
    assert len({first.event_id, second.event_id, third.event_id}) == 3


def test_its_figures_are_of_the_time_since_they_were_told_last() -> None:
    scene = Scene()
    *_, second = scene.floods(70, a_second=2000)
    assert 1900 <= second.data["messages_per_s"] <= 2100
    assert 380_000 <= second.data["bytes_per_s"] <= 420_000
    assert second.data["since"] == AT.isoformat()
    assert second.data["counted"] > 100_000


def test_a_hub_that_comes_back_with_much_to_say_is_no_flood() -> None:
    scene = Scene()
    for _ in range(90):
        scene.book.heard("W-001", 200)
        scene.book.counted("W-001")
    scene.clock.now += 5
    assert scene.told() == []


def test_a_flood_that_has_stopped_is_told_to_its_end_and_the_next_is_another() -> None:
    scene = Scene()
    (first,) = scene.floods(3)
    scene.clock.now += 59
    (rest,) = scene.told()
    assert (first.data["counted"], rest.data["counted"]) == (110, 300)
    scene.clock.now += 61
    assert scene.told() == []
    assert scene.book.crowds("W-001") is False
    (again,) = scene.floods(3)
    assert again.data["since"] > AT.isoformat()


def test_only_who_goes_beyond_its_pace_waits_for_the_others() -> None:
    scene = Scene()
    scene.book.heard("W-002", 200)
    scene.floods(1)
    assert (scene.book.crowds("W-001"), scene.book.crowds("W-002")) == (True, False)
    scene.clock.now += 11
    assert not scene.book.crowds("W-001")


def test_what_is_not_read_is_told_once_a_minute_by_hash_and_time() -> None:
    scene = Scene()
    for number in range(600):
        scene.book.unread("W-001", "event", b"%d" % (number % 3))
        scene.clock.now += 0.1
    records = [record for record in scene.book.due() if record.topic == DEAD_LETTER.name]
    (letter,) = [DeadLetter.read(record.value) for record in records]
    assert letter.counted is not None
    assert (letter.code, letter.payload, letter.counted.letters, letter.counted.bytes) == (
        "event.unread",
        b"",
        600,
        600,
    )
    assert letter.counted.digests == tuple(letter_id("event", "W-001", b"%d" % n) for n in range(3))
    assert letter.counted.last_at - letter.counted.first_at > timedelta(seconds=59)


def a_letter(payload: bytes, device: str = "W-001", code: str = "event.not_json") -> DeadLetter:
    return DeadLetter(
        letter_id=letter_id("event", device, payload), device_id=device, lane="event", code=code, detail="x",
        received_at=AT, payload=payload,
    )  # fmt: skip


def test_the_first_letters_of_an_hour_are_kept_whole_and_the_rest_counted() -> None:
    clock = Clock()
    bounds = LetterBounds(clock)
    kept = [bounds.admit(a_letter(b"%d" % number)) for number in range(500)]
    assert kept == [True] * WHOLE_LETTERS + [False] * (500 - WHOLE_LETTERS)
    assert bounds.admit(a_letter(b"0", device="W-002"))
    assert bounds.due() == []
    clock.now = 60.0
    (letter,) = bounds.due()
    assert letter.counted is not None
    assert (letter.counted.letters, len(letter.counted.digests)) == (500 - WHOLE_LETTERS, DIGESTS)
    assert bounds.due() == []
    clock.now = 3601.0
    assert bounds.admit(a_letter(b"0"))


def test_letters_are_bounded_in_bytes_too_and_a_short_one_still_finds_room() -> None:
    bounds = LetterBounds(Clock())
    large = [bounds.admit(a_letter(b"x" * 200_000)) for _ in range(8)]
    assert sum(large) == WHOLE_BYTES // 200_000
    assert bounds.admit(a_letter(b"short"))


def test_each_reason_is_counted_by_itself_and_what_is_left_is_told_at_the_end() -> None:
    bounds = LetterBounds(Clock())
    for number in range(WHOLE_LETTERS + 30):
        bounds.admit(a_letter(b"%d" % number, code="event.not_json" if number % 2 else "event.too_large"))
    told = {letter.code: letter.counted.letters for letter in bounds.due(all_of_them=True) if letter.counted}
    assert told == {"event.not_json": 15, "event.too_large": 15}
