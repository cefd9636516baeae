from hypothesis import given
from hypothesis import strategies as st

from classifier.records import Label
from service.label_search import search

LABELS = (
    Label("kesehatan/obat", "Pelayanan Obat", "Kesehatan"),
    Label("air", "Air Minum", "Air"),
    Label("kesehatan", "Kesehatan", "Kesehatan"),
)


def test_every_word_must_be_in_code_name_or_group() -> None:
    assert [label.code for label in search(LABELS, "")] == ["air", "kesehatan", "kesehatan/obat"]
    assert [label.code for label in search(LABELS, "OBAT kesehatan")] == ["kesehatan/obat"]
    assert search(LABELS, "obat air") == []


@given(st.text())
def test_a_search_finds_only_labels_and_each_once(query: str) -> None:
    found = search(LABELS, query)
    assert len(set(found)) == len(found)
    assert set(found) <= set(LABELS)
