"""The text of a report in pieces, and the choices with their keys."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from service.web.views import excerpt, pieces, suggestion

SPANS = st.lists(
    st.fixed_dictionaries(
        {"for": st.sampled_from(["topic", "agency"]), "start": st.integers(-2, 40), "end": st.integers(-2, 40)}
    ),
    max_size=6,
)


@given(st.text(max_size=40), SPANS)
def test_pieces_together_are_the_text(written: str, evidence: list[dict[str, Any]]) -> None:
    assert "".join(piece.text for piece in pieces(written, evidence)) == written


def test_evidence_is_marked_where_it_stands_and_what_overlaps_speaks_for_both() -> None:
    spans = [{"for": "topic", "start": 0, "end": 11}, {"for": "agency", "start": 6, "end": 17}]
    found = [(piece.text, piece.speaks) for piece in pieces("lampu jalan mati", spans)]
    assert found == [("lampu ", "topic"), ("jalan", "both"), (" mati", "agency")]


def test_a_masked_number_is_no_evidence() -> None:
    span = {"for": "topic", "start": 0, "end": 30}
    found = [(piece.text, piece.speaks) for piece in pieces("hubungi <TELEPON> saja", [span])]
    assert found == [("hubungi ", "topic"), ("<TELEPON>", "mask"), (" saja", "topic")]


def test_an_excerpt_is_one_short_line() -> None:
    assert excerpt("Judul", "dua\n baris") == "Judul – dua baris"
    assert excerpt(None, None) == ""
    assert len(excerpt("", "a" * 500)) == 140


def answer(**changed: Any) -> dict[str, Any]:
    """Return a prediction as it is stored."""
    other = {"code": "b", "name": "B", "main": "Utama", "probability": 0.2}
    topic = {"code": "a", "name": "A", "main": "Utama", "probability": 0.7, "alternatives": [other, other]}
    decision = {"action": "review", "topic": "review", "agency": "review", "reasons": ["doubtful-topic"]}
    sound = {"model": "m", "topic": topic, "agency": None, "place": None, "kind": None, "decision": decision}
    return sound | {"notes": []} | changed


def test_choices_carry_their_keys_and_a_main_topic_is_named_once() -> None:
    found = suggestion(answer())
    assert [(one.key, one.code, one.group) for one in found.topics] == [
        ("1", "a", "Utama"),
        ("2", "b", ""),
        ("3", "b", ""),
    ]
    assert found.topics[0].says == "mungkin"
    assert (found.agencies, found.places, found.kind) == ([], [], None)


def test_an_urgent_report_names_the_lines_to_call() -> None:
    decision = answer()["decision"] | {"reasons": ["urgent"]}
    found = suggestion(answer(decision=decision, notes=["emergency-113", "emergency-112", "alert-kebakaran"]))
    assert found.lines == [("113", "pemadam kebakaran"), ("112", "darurat")]
    assert suggestion(answer(decision=decision)).lines == [("112", "darurat")]
    assert not suggestion(answer()).lines
