"""Groups by month, channel, length and place: named, counted, small ones merged."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from invented import case

from training.slices import FEWEST, REST, slices


def named(by: str, cases: list[object]) -> list[tuple[str, int]]:
    return [(one.name, one.rows) for one in slices(cases)[by]]  # type: ignore[arg-type]


def in_month(year: int, month: int, count: int) -> list[object]:
    return [case(date=datetime(year, month, 5, tzinfo=UTC)) for _ in range(count)]


def test_months_come_in_their_order() -> None:
    cases = [*in_month(2025, 2, 40), *in_month(2024, 11, 35)]
    assert named("month", cases) == [("2024-11", 35), ("2025-02", 40)]


def test_a_small_month_joins_the_next_and_the_last_the_one_before() -> None:
    cases = [*in_month(2025, 1, 5), *in_month(2025, 2, 30), *in_month(2025, 3, 40), *in_month(2025, 4, 2)]
    assert named("month", cases) == [("2025-01/2025-02", 35), ("2025-03/2025-04", 42)]


def test_reports_without_a_date_stand_at_the_end() -> None:
    assert named("month", [*(case() for _ in range(3)), *in_month(2025, 2, 40)]) == [("2025-02", 40), (REST, 3)]


def test_one_group_is_no_division() -> None:
    found = slices([case() for _ in range(50)])
    assert found == {"month": (), "channel": (), "length": (), "place": ()}


def test_small_channels_are_merged_with_those_that_are_not_told() -> None:
    counts = {"web": 31, "sms": 45, "surat": 3, "": 2}
    cases = [case(channel=channel) for channel, count in counts.items() for _ in range(count)]
    assert named("channel", cases) == [("sms", 45), ("web", 31), (REST, 5)]


def test_lengths_are_told_in_words() -> None:
    cases = [case(text="kata " * words) for words in (3, 30, 200) for _ in range(FEWEST)]
    assert named("length", cases) == [("1-10", 30), ("26-50", 30), ("101-", 30)]


def test_rare_lengths_join_their_neighbours() -> None:
    cases = [case(text="kata " * words) for words, count in ((3, 40), (30, 4), (60, 40)) for _ in range(count)]
    assert named("length", cases) == [("1-10", 40), ("26-100", 44)]


def test_places_are_of_the_kind_that_divides_best() -> None:
    kecamatan = [case(place=f"3578{at % 3:02}1001") for at in range(120)]
    assert named("place", kecamatan) == [("357800", 40), ("357801", 40), ("357802", 40)]
    kabupaten = [case(place=f"33{at % 3:02}{at % 40:02}") for at in range(120)]
    assert named("place", kabupaten) == [("3300", 40), ("3301", 40), ("3302", 40)]


def test_the_figures_of_a_group_are_its_own() -> None:
    web = [case("a", "a" if at < 30 else "b", channel="web", routed=at % 2 == 0) for at in range(40)]
    found = slices([*web, *(case(channel="sms") for _ in range(50))])["channel"]
    sms, one = found
    assert (one.accuracy.value, one.auto_share.value) == (0.75, 0.5)
    assert one.auto_error
    assert one.auto_error.value == 0.25
    assert one.accuracy.low < 0.75 < one.accuracy.high
    assert sms.auto_error is None


@given(st.lists(st.sampled_from(["web", "sms", ""]), min_size=1, max_size=120), st.integers(1, 12))
def test_no_report_is_lost(channels: list[str], months: int) -> None:
    cases = [
        case(channel=channel, date=datetime(2025, 1 + at % months, 1, tzinfo=UTC), text="kata " * (at % 130 + 1))
        for at, channel in enumerate(channels)
    ]
    for groups in slices(cases).values():
        assert not groups or sum(one.rows for one in groups) == len(cases)
