"""A file that cannot be used is one sentence: the file, the place, what is wrong and the mend."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from bad_files import READERS, write_good

from dispatch.reading import UnreadableFile
from yian.servers.places import CHECKOUT

SPOILT = [
    ("best_known.csv", "instance,best_known_cost\n", "", "line 1: the header is missing"),
    ("best_known.csv", "218.2", "soon", "line 2: a name and a cost above 0 are needed"),
    ("best_known.csv", "218.2", "nan", "line 2: a name and a cost above 0 are needed"),
    ("best_known.csv", "218.2", "-1", "line 2: a name and a cost above 0 are needed"),
    ("best_known.csv", ",218.2", "", "line 2: a name and a cost above 0 are needed"),
    ("instance.json", "{", "", "Correct this place"),
    ("instance.json", '"services"', "services", "line 16: JSON is malformed"),
    ("instance.json", '"services"', '"service"', "missing required field `services`"),
    ("instance.json", "100", '"ten"', r"Expected `float`, got `str` - at `\$.patients\[0\].time_window\[0\]`"),
    ("instance.json", "100", "-3", "time_window"),
    ("instance.json", "15", "NaN", "line 19: JSON is malformed"),
    ("instance.json", "120", "90", "patient p1: the time window ends before it begins"),
    ("instance.json", "   30\n", "   30, 7\n", "row 0 of distances has 3 numbers, needed are 2"),
    ("instance.json", '"service": "s1"', '"service": "s9"', "needs the service s9"),
    ("solution.json", '"routes"', '"route"', "missing required field `routes`"),
    ("solution.json", "100", '"ten"', r"Expected `float`, got `str` - at `\$.routes\[0\].locations\[0\].arrival_time`"),
    ("day.json", '"now_min"', '"then_min"', "missing required field `now_min`"),
    ("day.json", '"lat": ', '"lat": 1', "lies beside the globe"),
    ("day.json", '"duration_min": ', '"duration_min": -', "negative duration_min"),
    ("day.json", "yian.dispatch.day.v1", "v0", "Name a day or a plan of this format"),
    ("week.json", "FREQ=DAILY", "FREQ=NEVER", "it needs FREQ= with one of DAILY"),
    ("week.json", "2026-11-24", "2026-11-25", "2026-11-25 does not follow 2026-11-23"),
    ("week.json", '"duration_min": ', '"duration_min": -', "negative duration_min"),
    ("week.json", "yian.dispatch.week.v1", "yian.dispatch.day.v1", "Name a week of this format"),
    ("meals.json", '"k1"', '"k9"', "there is no kitchen k1"),
    ("meals.json", '"order_ids": [\n     "m1"', '"order_ids": [\n     "m2"', "there is no order m2"),
    ("meals.json", '"carrier_id": "c1"', '"carrier_id": "c2"', "there is no carrier c2"),
    ("meals.json", '"door_min": [\n     729.0', '"door_min": [', "a run of c1 has not one door_min for each"),
    ("meals.json", "yian.dispatch.meals.v1", "v0", "Name a day of meals"),
    ("meals.json", '"ready_min": ', '"ready": ', "missing required field `ready_min`"),
    ("ways.csv", "mode,from,to,minutes\n", "", "line 1: the header is missing"),
    ("ways.csv", "7.5", "soon", "line 2: minutes is no number"),
    ("ways.csv", "7.5", "-7.5", "line 2: minutes are 0 or more"),
    ("ways.csv", "7.5", "nan", "line 2: minutes are 0 or more"),
    ("town.vrp", "CAPACITY : 200", "CAPACITY : 0", "the capacity and the number of vehicles must be above 0"),
    ("town.vrp", "CAPACITY : 200\n", "", "capacity' is missing"),
    ("town.vrp", "1 70 70\n", "", "do not fit together|needed are 26"),
    ("town.vrp", "2 42 65", "2 42 north", "neither a VRPLIB nor a Solomon file"),
    ("town.txt", "18      314      446", "-8      314      446", "the demand of customer 1 is negative"),
    ("town.txt", "18      314      446", "18      500      446", "the time window of customer 1 ends before it begins"),
    ("town.sol", "Cost", "Price", "Add a line like: Cost"),
    ("town.sol", "Route #1: ", "Route #1: x ", "line 1: a route names customers, 1 to 25"),
    ("town.sol", "Route #1: ", "Route #1: 26 ", "line 1: a route names customers, 1 to 25"),
    ("orders.txt", "placement_time", "placed", "line 1: the header is not right"),
    ("orders.txt", "\t25", "\tsoon", "line 2: ready_time is 'soon', which is no number"),
    ("orders.txt", "\tr1\t25", "\tr9\t25", "line 2: the restaurant r9 is not in restaurants.txt"),
    ("orders.txt", "o2", "o1", "line 3: the order o1 was listed before"),
    ("orders.txt", "\t20", "", "line 3: 5 fields, needed are 6"),
    ("couriers.txt", "\t240", "\t-1", "line 2: the courier's off_time is before the on_time"),
    ("couriers.txt", "c1\t0\t960\t0\t240\n", "", "line 2: nothing stands below the header"),
    ("restaurants.txt", "r1\t", "r 1\t", "line 2: 'r 1' cannot name a restaurant"),
    ("instance_parameters.txt", "320", "0", "line 2: meters_per_minute must be above 0"),
    ("instance_parameters.txt", "\t40", "\t-40", "line 2: a parameter is below 0"),
]


@pytest.mark.parametrize(("name", "part", "instead", "says"), SPOILT)
def test_a_spoilt_file_says_where_and_the_mend(name: str, part: str, instead: str, says: str, tmp_path: Path) -> None:
    write_good(tmp_path)
    path = tmp_path / name
    READERS[name](path)
    text = path.read_text()
    assert part in text
    path.write_text(text.replace(part, instead, 1) if part != "{" else f"[{text}]")
    with pytest.raises(UnreadableFile, match=says) as refused:
        READERS[name](path)
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize("name", READERS)
def test_a_file_that_is_gone_empty_or_of_another_encoding_says_so(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    for content, says in ((None, "No such file"), (b" \n", "is empty"), ("a\n颐安".encode("gbk"), "line 2: .*UTF-8")):
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(UnreadableFile, match=says):
            READERS[name](path)


@pytest.mark.parametrize("name", READERS)
def test_any_cut_off_end_or_letter_in_place_of_digits_never_ends_in_another_error(name: str, tmp_path: Path) -> None:
    write_good(tmp_path)
    path = tmp_path / name
    whole = path.read_text()
    for at in range(1, len(whole), max(1, len(whole) // 20)):
        for text in (whole[:at], whole[:at] + "x" + whole[at + 1 :], whole[:at] + "-" + whole[at:]):
            path.write_text(text)
            with suppress(UnreadableFile):
                READERS[name](path)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["bench.hhcrsp", "nowhere"], "nowhere is no folder"),
        (["bench.hhcrsp", "."], "best_known.csv, line 1: the header is missing"),
        (["bench.hhcrsp.checker", "instance.json", "gone.json"], "gone.json: No such file"),
        (["bench.hhcrsp.checker", "instance.json", "instance.json"], "instance.json: "),
        (["bench.hhcrsp.checker", "best_known.csv", "solution.json"], "best_known.csv, line 1: JSON is malformed"),
        (["bench.vrptw", "gone.vrp"], "gone.vrp: No such file"),
        (["bench.meals", "nowhere"], "nowhere is no folder"),
        (["bench.online", "--file", "instance.json"], "instance.json: "),
        (["yian", "dispatch", "plot", "instance.json"], "instance.json: "),
        (["yian", "dispatch", "week", "plan", "day.json"], "day.json: "),
    ],
)
def test_a_program_that_is_given_one_says_that_and_ends_with_2(words: list[str], says: str, tmp_path: Path) -> None:
    write_good(tmp_path)
    (tmp_path / "best_known.csv").write_text("instance.json,218.2\n")
    command = [sys.executable, "-m", *words]
    told = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(CHECKOUT)}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 2, told.stderr
    assert says in told.stderr
    assert len(told.stderr.splitlines()) == 1, told.stderr
