"""Evidence: spans point at the very words, never at a mask, and weigh what they added to the score."""

from dataclasses import replace

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.explain import SPANS, Explainer
from classifier.features import Document, Features
from classifier.linear import Linear, pair_count
from classifier.normalise import Normaliser
from classifier.records import Complaint, Evidence, Target
from classifier.redact import redact
from training.vocabulary import learn_vocabulary

PIECES = [
    "lampu",
    "Lampu",
    "jln",
    "yg",
    "berlubang,",
    "SAMPAH",
    "air-air",
    "anak2",
    "keruh\u00a0sekali",
    "Jum’at",
    "(truk)",
    "😀",
    "0812-3456-7890",
    "hp:081234567890",
    "NIK 3578011203900001",
    "contoh@contoh.id",
    "<NIK>",
    "L 1234 AB",
    "RT05/RW02",
    "\n",
]
COLUMNS: dict[Target, slice] = {"topic": slice(0, 2), "agency": slice(2, 5)}
TwoTargets = tuple[Explainer, Features, Linear]
written = st.lists(st.sampled_from(PIECES) | st.text(max_size=6), min_size=1, max_size=12).map(" ".join)


def evidence(text: str, title: str = "") -> tuple[Evidence, ...]:
    return toy.classifier().classify([Complaint("uji", text, title)])[0].evidence


@given(written, written | st.just(""))
@settings(deadline=None)
def test_spans_point_at_their_text_and_never_touch_a_mask(text: str, title: str) -> None:
    original = {"title": title, "text": text}
    for span in evidence(text, title):
        assert original[span.field][span.start : span.end] == span.text
        assert not any(
            hidden.start < span.end and span.start < hidden.end for hidden in redact(original[span.field]).spans
        )
        assert span.text not in ("<NIK>", "NIK>", "<NIK")


@given(written, written)
@settings(deadline=None)
def test_spans_are_few_descending_and_above_zero(text: str, title: str) -> None:
    for target in ("topic", "agency"):
        weights = [span.weight for span in evidence(text, title) if span.target == target]
        assert len(weights) <= SPANS
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)


def test_the_telling_words_come_first() -> None:
    topic = [span for span in evidence("Lampu di depan rumah saya padam") if span.target == "topic"]
    assert {span.text for span in topic[:2]} == {"Lampu", "padam"}


def test_title_and_text_are_both_read() -> None:
    found = evidence("sudah lama padam dan gelap", title="Lampu taman")
    assert ("title", "Lampu") in {(span.field, span.text) for span in found}
    assert ("text", "padam") in {(span.field, span.text) for span in found}


def test_offsets_after_a_mask_are_those_of_the_text_as_sent() -> None:
    text = "Hubungi 0812-3456-7890, lampu jalan padam"
    lamp = next(span for span in evidence(text) if span.text == "lampu")
    assert lamp.start == text.index("lampu")


def test_one_word_in_several_spellings_is_one_piece_of_evidence() -> None:
    found = evidence("Jalan rusak, jln berlubang, JALAN ambles, jalan-jalan lain pun aspal")
    topic = [span.text for span in found if span.target == "topic"]
    assert sum(text.lower() in ("jalan", "jln", "jalan-jalan") for text in topic) <= 1


@pytest.mark.parametrize("text", ["...", "<NIK>", "😀", "0812-3456-7890"])
def test_nothing_to_show_without_words(text: str) -> None:
    assert evidence(text) == ()


def test_no_evidence_when_it_is_not_asked_for() -> None:
    prediction = toy.classifier().classify([Complaint("uji", "Lampu jalan padam")], evidence=False)[0]
    assert prediction.evidence == ()


@pytest.fixture
def two_targets() -> TwoTargets:
    """Two topics that agree on every word, and agencies that differ."""
    documents = [Document(words, []) for words in (["air", "keruh"], ["lampu", "padam"]) for _ in range(4)]
    features = Features(learn_vocabulary(documents))
    rng, width = np.random.default_rng(3), features.vocabulary.width
    directions = rng.normal(size=(width, 2)).astype(np.float32)
    weights = rng.normal(size=(width + pair_count(2), 5)).astype(np.float32)
    weights[:, 1] = weights[:, 0]
    linear = Linear.of(weights, np.zeros(5, np.float32), directions)
    return Explainer(features, Normaliser({}), linear, COLUMNS), features, linear


def test_a_word_that_all_classes_of_the_target_share_is_no_evidence(two_targets: TwoTargets) -> None:
    explain, _, _ = two_targets
    text = "air keruh lampu padam"
    assert explain("topic", 0, explain.shares(Document(text.split(), [])), {"text": redact(text)}) == []


@pytest.mark.parametrize("text", ["air keruh", "air keruh air lampu lampu", "kabut asap air", "asap"])
def test_word_weights_add_up_to_the_lead_over_the_average_class(two_targets: TwoTargets, text: str) -> None:
    explain, features, linear = two_targets
    document = Document(text.split(), [])
    scores = linear(features([document]))[:, COLUMNS["agency"]]
    added = explain.word_weights("agency", 1, explain.shares(document))
    assert sum(added.values()) == pytest.approx(scores[0, 1] - scores[0].mean(), abs=1e-3)


def test_a_doubled_word_weighs_no_more_than_its_share(two_targets: TwoTargets) -> None:
    explain, _, _ = two_targets
    document = Document(["lampu", "lampu", "padam"], [])
    column = int(np.argmax([explain.word_weights("agency", at, explain.shares(document))["lampu"] for at in range(3)]))
    spans = explain("agency", column, explain.shares(document), {"text": redact("lampu-lampu padam")})
    share = explain.word_weights("agency", column, explain.shares(document))["lampu"]
    assert [span.weight for span in spans if span.text == "lampu-lampu"] == [pytest.approx(share, abs=1e-4)]


def test_a_weight_that_rounds_to_nothing_is_not_shown(two_targets: TwoTargets) -> None:
    _, features, linear = two_targets
    faint = replace(linear, weights=linear.weights * np.float32(1e-6), pair_units=linear.pair_units * np.float32(1e-6))
    explain = Explainer(features, Normaliser({}), faint, COLUMNS)
    document = Document(["lampu", "padam"], [])
    assert all(
        explain("agency", at, explain.shares(document), {"text": redact("lampu padam")}) == [] for at in range(3)
    )
