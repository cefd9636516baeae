import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.complaints import JAKARTA
from service.errors import InvalidRequestError, RequestError
from service.intake import parse_predictions

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=JAKARTA)
SECRET = "kata-rahasia-warga"

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.just(SECRET),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "text", "date"]), inner),
    max_leaves=12,
)


def sent(**fields: Any) -> bytes:
    return json.dumps({"complaints": [{"id": "a", "text": "Air keruh"} | fields]}).encode()


def test_a_complaint_is_taken_as_it_was_sent() -> None:
    ((complaint,), evidence) = parse_predictions(sent(title=" Air ", region="3578", visibility="rahasia"), NOW)
    assert evidence
    assert (complaint.title, complaint.region, complaint.visibility) == (" Air ", "3578", "rahasia")
    assert complaint.date is NOW
    assert complaint.labels == {}


@pytest.mark.parametrize(
    "date",
    ["2026-11-25T01:00:00Z", "2026-11-25t08:00+07:00", "2026-11-25 08:00:00.000+0700", "2026-11-25T08:04:59+07:00"],
)
def test_moments_with_an_offset_are_taken(date: str) -> None:
    ((complaint,), _) = parse_predictions(sent(date=date), NOW)
    assert complaint.date is not None
    assert abs((complaint.date.astimezone(UTC) - NOW).total_seconds()) < 300


@given(_json)
def test_whatever_json_is_sent_is_taken_or_refused_without_repeating_it(value: object) -> None:
    raw = json.dumps({"complaints": [value], "evidence": value}).encode()
    with pytest.raises(RequestError) as refusal:
        parse_predictions(raw, NOW)
    assert SECRET not in str(refusal.value)
    assert all(SECRET not in part for error in refusal.value.errors for part in error)


@given(st.binary())
def test_whatever_bytes_are_sent_are_refused(raw: bytes) -> None:
    with pytest.raises(RequestError):
        parse_predictions(raw, NOW)


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ("3201010101900001", "a citizen's NIK"),
        (" 3201010101900001", "a citizen's NIK"),
        ("LAPOR-3201010101900001-2", "a citizen's NIK"),
        ("081200001111", "a telephone number"),
        ("WA +62 812-0000-1111", "a telephone number"),
        ("warga@contoh.example", "an e-mail address"),
    ],
)
def test_an_id_that_points_at_a_person_is_refused_without_repeating_it(own: str, problem: str) -> None:
    with pytest.raises(InvalidRequestError) as refusal:
        parse_predictions(sent(id=own), NOW)
    assert refusal.value.errors == (("complaints[0].id", problem, "the number of the report"),)


@given(st.uuids().map(str) | st.integers(0, 10**7).map(str) | st.dates().map("LP/{0:%Y/%m/%d}/0812000011".format))
def test_usual_ids_are_taken(own: str) -> None:
    assert parse_predictions(sent(id=own), NOW)[0][0].id == own


@given(st.lists(st.sampled_from("abcdef"), min_size=1))
def test_ids_are_refused_exactly_if_one_repeats(ids: list[str]) -> None:
    raw = json.dumps({"complaints": [{"id": one, "text": "Air keruh"} for one in ids]}).encode()
    if len(set(ids)) == len(ids):
        assert [complaint.id for complaint in parse_predictions(raw, NOW)[0]] == ids
    else:
        with pytest.raises(InvalidRequestError) as refusal:
            parse_predictions(raw, NOW)
        assert len(refusal.value.errors) == len(ids) - len(set(ids))
