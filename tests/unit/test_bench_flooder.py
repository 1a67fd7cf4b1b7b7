"""What a flooding device counts: what was answered, each event once."""

import json
from typing import Any

from decoded import read

from bench.faults.actions import FLOODERS
from bench.floods.flooder import FLOODS, Answers


def receipts(*told: tuple[Any, str]) -> bytes:
    said = [{"id": event_id, "status": status, "at": "2026-11-22T00:00:00Z"} for event_id, status in told]
    return json.dumps(said).encode()


def test_a_message_that_the_broker_delivered_twice_is_answered_twice_and_counts_once() -> None:
    answers = Answers()
    answers.hear(receipts(("1", "accepted"), ("2", "rejected")))
    answers.hear(receipts(("1", "accepted"), ("2", "rejected"), ("3", "rejected")))
    assert (answers.accepted, answers.rejected) == (1, 2)


def test_without_an_id_each_receipt_counts() -> None:
    answers = Answers()
    answers.hear(receipts((None, "rejected"), (None, "rejected")))
    assert (answers.accepted, answers.rejected) == (0, 2)


def test_of_each_flood_whose_cases_are_counted_the_ids_are_told() -> None:
    for name in set(FLOODERS) & FLOODS.keys():
        decoded = read(FLOODS[name].payload("X-1", "17-3"))
        told = [event.event_id for event in decoded.events] + [bad.id for bad in decoded.rejections]
        assert told == ["17-3"], name
