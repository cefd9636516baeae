"""What an audit finds: planted errors, copies that contradict each other, and nothing where nothing can be told."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

import numpy as np
import pytest
import toy

from classifier.errors import InputError
from classifier.records import Complaint, Target
from classifier.taxonomy import Taxonomy
from data.dataset import read_corpus
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training.audit import Audit, audit
from training.config import read_config

PLANTED, TOP, FOUND = 0.05, 0.10, 0.60
national = cache(read_taxonomy)


def audited(rows: Sequence[Complaint], *targets: Target, taxonomy: Taxonomy | None = None) -> Audit:
    return audit(rows, taxonomy or toy.taxonomy(), toy.LEXICON, toy.config(), targets=targets or ("topic", "agency"))


def labelled(row: Complaint, **labels: str) -> Complaint:
    return replace(row, labels={**row.labels, **labels})


@cache
def clean(target: Target) -> list[Complaint]:
    """Return the corpus; as topics the main ones, because most leaves have but a few texts."""
    rows = read_corpus()
    return rows if target == "agency" else [labelled(row, topic=row.labels["topic"].split("/")[0]) for row in rows]


def planted(
    rows: Sequence[Complaint], target: Target, kind: Literal["any", "frequent"]
) -> tuple[list[Complaint], set[int]]:
    """Give one row in twenty another label: any other one, or one as frequent as labels are."""
    rng, changed = np.random.default_rng(3), list(rows)
    at = {int(row) for row in rng.choice(len(rows), int(PLANTED * len(rows)), replace=False)}
    choices = [row.labels[target] for row in rows]
    choices = sorted(set(choices)) if kind == "any" else choices
    for row in at:
        own = national().resolve(target, rows[row].labels[target])
        others = [label for label in rng.choice(choices, 20) if national().resolve(target, label) != own]
        changed[row] = labelled(rows[row], **{target: str(others[0])})
    return changed, at


@pytest.mark.parametrize("kind", ["any", "frequent"])
@pytest.mark.parametrize("target", ["topic", "agency"])
def test_most_planted_errors_stand_in_the_top_tenth(target: Target, kind: Literal["any", "frequent"]) -> None:
    rows, wrong = planted(clean(target), target, kind)
    found = audit(rows, national(), read_lexicon(), read_config("linear"), targets=(target,))
    top = {one.row for one in found.findings if one.rank <= TOP * len(rows)}
    assert len(top) <= TOP * len(rows)
    assert len(wrong & top) >= FOUND * len(wrong)


def test_a_wrong_label_is_found_and_the_right_one_suggested() -> None:
    rows = toy.complaints()
    at = next(at for at, row in enumerate(rows) if row.labels["topic"] == toy.WATER)
    rows[at] = labelled(rows[at], topic=toy.WASTE)
    first = audited(rows, "topic").findings[0]
    assert (first.row, first.id, first.rank) == (at, rows[at].id, 1)
    assert (first.given, first.suggested, first.why) == (toy.WASTE, toy.WATER, "suspected")


def test_copies_with_other_labels_contradict_each_other() -> None:
    rows = toy.complaints()
    other = labelled(replace(rows[0], id="salinan", text=f"  {rows[0].text.upper()}!!"), topic="Lain Sekali")
    found = audited([*rows, other], "topic").findings[0]
    assert (found.why, found.id, found.suggested) == ("contradiction", "salinan", rows[0].labels["topic"])
    assert found.contradicts == (rows[0].id,)


def test_who_must_answer_depends_on_the_place() -> None:
    rows = toy.complaints()
    elsewhere = labelled(replace(rows[0], id="lain", region="Kota Contoh, Kec. Entah"), agency="Kecamatan Entah")
    assert not [one for one in audited([*rows, elsewhere], "agency").findings if one.why == "contradiction"]
    here = replace(elsewhere, region=rows[0].region)
    assert [one.why for one in audited([*rows, here], "agency").findings].count("contradiction") == 1


def test_a_main_topic_does_not_contradict_its_leaf() -> None:
    leaf = "pekerjaan-umum-dan-penataan-ruang/penerangan-jalan"
    same = [Complaint(f"a-{at}", "Lampu di simpang itu padam", labels={"topic": leaf}) for at in range(2)]
    rows = [*same, labelled(same[0], topic=leaf.split("/")[0]), labelled(same[1], topic="kesehatan")]
    found = audited(rows, "topic", taxonomy=national()).findings
    assert [(one.given, one.why) for one in found] == [("kesehatan", "contradiction")]


def test_labels_that_are_missing_or_unknown_are_counted_and_not_judged() -> None:
    rows = [Complaint("a", "Lampu padam", labels={"topic": "penerangan-jalan"}), Complaint("b", "Jalan rusak")]
    rows.append(Complaint("c", "Air keruh", labels={"topic": "bukan kategori apa pun"}))
    found = audited(rows, taxonomy=national())
    assert found.judged == {"topic": 1, "agency": 0}
    assert found.unresolved == {"topic": 1, "agency": 0}
    assert not found.findings


def test_without_a_label_there_is_nothing_to_judge() -> None:
    with pytest.raises(InputError, match="labels: no complaint has one that the taxonomy knows; expected agency"):
        audited([Complaint("a", "Lampu padam", labels={"topic": "x"})], "agency")


@pytest.mark.parametrize("labels", ["aaaa", "abcd", "aaab"])
def test_few_rows_and_classes_of_one_row_are_no_problem(labels: str) -> None:
    rows = [labelled(row, topic=label) for row, label in zip(toy.complaints(), labels, strict=False)]
    assert audited(rows).judged == {"topic": 4, "agency": 4}


def test_texts_stand_on_the_list_only_if_asked_for_masked_and_never_those_of_secret_reports() -> None:
    rows = toy.complaints()
    called = f"{rows[0].text}, hubungi 0812-0000-0000"
    open_, secret = replace(rows[0], id="a", text=called), replace(rows[0], id="b", text=called, visibility="rahasia")
    pair = [labelled(open_, topic="Lain"), labelled(secret, topic="Beda"), rows[0], rows[0]]
    found = audited([*rows[1:], *pair], "topic")
    assert not [line for line in found.lines(texts=False) if "text" in line]
    shown = {line["id"]: line.get("text") for line in found.lines(texts=True)}
    assert "<TELEPON>" in shown["a"]
    assert shown["b"] is None
