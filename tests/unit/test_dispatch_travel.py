from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest
from dispatch_days import KITCHENS, a_day, an_order, place
from hypothesis import given
from hypothesis import strategies as st

from contracts.datum import to_wgs84
from dispatch.insertion import insert
from dispatch.model import Place, TravelMode
from dispatch.policy import Policy
from dispatch.proposal import Proposal
from dispatch.reading import UnreadableFile
from dispatch.travel import (
    AmapTravel,
    FallbackTravel,
    GreatCircleTravel,
    MatrixFileTravel,
    OsrmTravel,
    Travel,
    TravelTimes,
    TravelUnavailable,
)
from dispatch.travel.great_circle import great_circle_km
from dispatch.travel.pair_cache import PairCache
from dispatch.travel.places import Places
from dispatch.travel.ways import ways

pytestmark = pytest.mark.usefixtures("compiled_search")

HOME, CENTRE, HILL = place("home"), place("centre", 3.0, 4.0), place("hill", 8.0)


def minutes(travel: Travel, *, mode: TravelMode = TravelMode.CAR, hour: float = 10.0) -> TravelTimes:
    return travel.times([HOME, CENTRE], [CENTRE, HILL], [mode], np.array([hour, hour]))


def test_the_great_circle_agrees_with_a_published_distance() -> None:
    # Paris–Berlin, 878 km by great circle (mean radius), as Wolfram Alpha and others give it.
    paris, berlin = Place(id="p", lat=48.8567, lon=2.3508), Place(id="b", lat=52.5200, lon=13.4050)
    assert great_circle_km([paris], [berlin])[0, 0] == pytest.approx(878.0, abs=1.5)


def test_travel_is_distance_times_detour_over_speed_plus_overhead_and_nothing_to_the_same_place() -> None:
    speed = GreatCircleTravel().speeds[TravelMode.CAR]
    found = minutes(GreatCircleTravel())
    way = 5.0 * speed.detour / speed.km_per_h * 60.0 * speed.hourly[10] + speed.overhead_min
    assert found.minutes[0, 0, 0] == pytest.approx(way, rel=2e-3)
    assert found.minutes[0, 1, 0] == 0.0


def test_the_rush_hour_takes_longer_and_hours_between_are_interpolated() -> None:
    travel = GreatCircleTravel()
    quiet, half, rush = (minutes(travel, hour=hour).minutes[0, 0, 0] for hour in (7.0, 7.5, 8.0))
    assert quiet < half < rush
    assert half == pytest.approx((quiet + rush) / 2)


def test_a_matrix_file_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "ways.csv"
    file.write_text("mode,from,to,minutes\ncar,home,centre,7.5\ncar,home,hill,20\ncar,centre,hill,12\n")
    found = minutes(MatrixFileTravel(file))
    assert found.minutes.tolist() == [[[7.5, 20.0], [0.0, 12.0]]]
    assert found.source == "matrix ways.csv"


def test_a_matrix_file_without_the_pair_is_unavailable_and_names_it(tmp_path: Path) -> None:
    file = tmp_path / "ways.csv"
    file.write_text("mode,from,to,minutes\ncar,home,centre,7.5\n")
    with pytest.raises(TravelUnavailable, match="car home → hill"):
        minutes(MatrixFileTravel(file))


def test_a_matrix_file_with_a_bad_line_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "ways.csv"
    file.write_text("mode,from,to,minutes\ncar,home,centre,soon\n")
    with pytest.raises(UnreadableFile, match="line 2"):
        MatrixFileTravel(file)


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(base_url="http://router.test", transport=httpx.MockTransport(answer))


def osrm_table(request: httpx.Request) -> httpx.Response:
    """Ten minutes a kilometre of difference in latitude, as OSRM would say it; no way to where nobody lives."""
    places = [tuple(map(float, pair.split(","))) for pair in request.url.path.rsplit("/", 1)[1].split(";")]
    sources = [places[int(i)] for i in request.url.params["sources"].split(";")]
    destinations = [places[int(i)] for i in request.url.params["destinations"].split(";")]
    rows = [[None if to[1] > 31 else abs(to[1] - here[1]) * 111.2 * 600.0 for to in destinations] for here in sources]
    return httpx.Response(200, json={"code": "Ok", "durations": rows})


def test_osrm_is_asked_by_its_table_service_and_answers_are_kept() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return osrm_table(request)

    travel = OsrmTravel("http://router.test", client=client(answer))
    first = minutes(travel)
    assert first.minutes[0, 0, 0] == pytest.approx(30.0, rel=1e-3)
    assert first.minutes[0, 1, 0] == 0.0
    assert first.source == "osrm"
    assert asked[0].startswith("/table/v1/driving/115.04000,30.20000;")
    assert np.array_equal(minutes(travel).minutes, first.minutes)
    assert len(asked) == 1


def test_a_place_osrm_finds_no_way_to_is_infinitely_far() -> None:
    travel = OsrmTravel("http://router.test", client=client(osrm_table))
    island = Place(id="island", lat=31.5, lon=115.0)
    assert travel.times([HOME], [island], [TravelMode.CAR], np.array([9.0])).minutes[0, 0, 0] == np.inf


def test_a_large_matrix_is_asked_for_in_blocks_the_router_takes() -> None:
    sizes: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sizes.append(request.url.path.count(";") + 1)
        return osrm_table(request)

    places = [place(f"p{i}", i / 10) for i in range(120)]
    travel = OsrmTravel("http://router.test", client=client(answer), time_limit_s=60.0)
    found = travel.times(places, places, [TravelMode.CAR], np.full(120, 9.0))
    assert max(sizes) <= 100
    assert found.minutes.shape == (1, 120, 120)


def refusing(status: int) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status)


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow", request=request)


def gone(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("https://secret.key@router.test", request=request)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (refusing(503), "osrm: HTTP 503"),
        (slow, "osrm: no answer within 1 s"),
        (gone, "osrm: ConnectError"),
        (lambda request: httpx.Response(200, text="<html>"), "osrm: JSONDecodeError"),
        (lambda request: httpx.Response(200, json=[]), "osrm: an answer that is no object"),
        (lambda request: httpx.Response(200, json={"code": "NoTable"}), "osrm: NoTable"),
        (lambda request: httpx.Response(200, json={"code": "Ok"}), "osrm: an answer without a table of durations"),
    ],
)
def test_when_the_service_fails_the_sure_one_answers_and_says_why(
    answer: Callable[[httpx.Request], httpx.Response], reason: str
) -> None:
    travel = FallbackTravel(OsrmTravel("http://router.test", client=client(answer)), GreatCircleTravel())
    found = minutes(travel)
    assert np.array_equal(found.minutes, minutes(GreatCircleTravel()).minutes)
    assert (found.source, found.fallback_reason) == ("great circle", reason)
    assert travel.fallbacks == 1


def test_the_explanation_of_a_proposal_shows_the_fallback() -> None:
    travel = FallbackTravel(OsrmTravel("http://router.test", client=client(gone)), GreatCircleTravel())
    proposal = insert(a_day(), an_order(), Policy(), travel)
    assert isinstance(proposal, Proposal)
    assert proposal.explanation.travel_fallback == "osrm: ConnectError"


def test_the_time_limit_holds_for_all_requests_of_a_call_together() -> None:
    places = [place(f"p{i}", i / 10) for i in range(200)]
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return osrm_table(request)

    travel = OsrmTravel("http://router.test", client=client(answer), time_limit_s=0.0)
    with pytest.raises(TravelUnavailable, match="within 0 s"):
        travel.times(places, places, [TravelMode.CAR], np.full(200, 9.0))
    assert asked == 0


def test_amap_is_asked_in_gcj_02_and_its_seconds_become_minutes() -> None:
    seen: list[httpx.QueryParams] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.params)
        origins = request.url.params["origins"].split("|")
        results = [
            {"origin_id": str(i + 1), "dest_id": "1", "distance": "1000", "duration": str(60 * (i + 1))}
            for i in range(len(origins))
        ]
        return httpx.Response(200, json={"status": "1", "info": "OK", "results": results})

    found = minutes(AmapTravel("key", client=client(answer)))
    assert found.source == "amap"
    assert sorted(found.minutes[0].ravel().tolist()) == [0.0, 1.0, 1.0, 2.0]
    lon, lat = map(float, seen[0]["destination"].split(","))
    assert to_wgs84(lat, lon, "GCJ-02") == pytest.approx((CENTRE.lat, CENTRE.lon), abs=1e-5)
    assert abs(lon - CENTRE.lon) > 1e-3


def test_amap_refusing_the_key_is_a_failure_that_does_not_show_the_key() -> None:
    refused = client(lambda request: httpx.Response(200, json={"status": "0", "info": "INVALID_USER_KEY"}))
    with pytest.raises(TravelUnavailable, match="INVALID_USER_KEY") as raised:
        minutes(AmapTravel("my-secret", client=refused))
    assert "my-secret" not in str(raised.value)


def test_amap_has_no_table_for_scooters_so_the_estimate_is_used() -> None:
    travel = FallbackTravel(AmapTravel("key", client=client(refusing(500))), GreatCircleTravel())
    assert minutes(travel, mode=TravelMode.EBIKE).fallback_reason == "amap: no distances for ebike"


def test_the_cache_forgets_the_oldest_and_what_is_too_old() -> None:
    now = [0.0]
    cache = PairCache(keep_s=60.0, size=2, clock=lambda: now[0])
    a, b, c = (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)
    for to in (b, c):
        cache.put(TravelMode.CAR, a, to, 5.0)
    assert cache.get(TravelMode.CAR, a, b) == 5.0
    cache.put(TravelMode.CAR, b, c, 6.0)
    assert cache.get(TravelMode.CAR, a, c) is None
    now[0] = 61.0
    assert cache.get(TravelMode.CAR, a, b) is None


_sites = st.builds(
    lambda north, east, pickup: replace(place(f"{north}/{east}", north, east), pickup=pickup),
    st.floats(-6.0, 6.0),
    st.floats(-6.0, 6.0),
    st.sampled_from((None, *KITCHENS)),
)


@given(st.lists(_sites, min_size=1, max_size=6))
def test_a_way_leads_by_what_is_fetched_unless_it_was_fetched_for_the_place_before(places: list[Place]) -> None:
    travel, mode, hours = GreatCircleTravel(), [TravelMode.EBIKE], np.full(len(places), 10.0)

    def direct(one: Place, other: Place, hour: float = 10.0) -> float:
        return float(travel.times([one], [other], mode, np.array([hour])).minutes[0, 0, 0])

    found = ways(travel, places, places, mode, hours).minutes[0]
    for i, one in enumerate(places):
        for j, other in enumerate(places):
            kitchen = other.pickup
            if kitchen is None or kitchen == one.pickup:
                assert found[i, j] == direct(one, other)
            else:
                there = direct(one, kitchen.place, kitchen.around_min / 60.0)
                assert found[i, j] == pytest.approx(there + kitchen.duration_min + direct(kitchen.place, other))


@given(_sites, _sites, _sites)
def test_no_way_by_a_third_place_is_shorter(one: Place, two: Place, three: Place) -> None:
    found = ways(GreatCircleTravel(), [one, two], [two, three], [TravelMode.EBIKE], np.full(2, 11.0)).minutes[0]
    assert found[0, 1] <= found[0, 0] + found[1, 1] + 1e-6


def test_places_as_columns_have_the_same_ways_as_places_one_by_one() -> None:
    places = [replace(HOME, pickup=KITCHENS[0]), CENTRE, replace(HILL, pickup=KITCHENS[1])]
    columns = Places(
        lambda: np.array(places, dtype=np.object_),
        np.array([one.lat for one in places]),
        np.array([one.lon for one in places]),
        np.array([one.pickup for one in places], dtype=np.object_),
    )
    asked = ([TravelMode.EBIKE], np.full(3, 10.0))
    one_by_one = ways(GreatCircleTravel(), places, places, *asked).minutes
    assert (ways(GreatCircleTravel(), columns, columns, *asked).minutes == one_by_one).all()
