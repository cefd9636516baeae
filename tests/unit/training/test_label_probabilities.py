from collections.abc import Sequence

import numpy as np
import pytest
import toy

from classifier.records import Label
from training.label_probabilities import Texts, label_probabilities

TOPICS = sorted({one.labels["topic"] for one in toy.complaints()})
LABELS = [Label(topic, topic) for topic in TOPICS]
KNOWN = np.array([TOPICS.index(one.labels["topic"]) for one in toy.complaints()], np.int32)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts.of(toy.complaints(), toy.LEXICON)


def judged(texts: Texts, known: np.ndarray = KNOWN, others: Sequence[Sequence[str]] = ()) -> np.ndarray:
    return label_probabilities(texts, LABELS, known, others, toy.config())


def test_most_labels_are_the_likeliest(texts: Texts) -> None:
    probabilities = judged(texts)
    assert probabilities.shape == (len(KNOWN), len(TOPICS))
    assert (probabilities >= 0).all()
    assert (probabilities.sum(axis=1) <= 1.0001).all()
    assert (probabilities.argmax(axis=1) == KNOWN).mean() > 0.75


def test_a_row_has_no_say_about_itself_nor_a_copy_about_its_copies() -> None:
    """Mislabel a text that came three times: neither its own label nor that of its copies makes the label likelier."""
    complaints = toy.complaints()
    texts = Texts.of([*complaints, complaints[0], complaints[0]], toy.LEXICON)
    wrong = (KNOWN[0] + 1) % len(TOPICS)
    rows = [0, len(KNOWN), len(KNOWN) + 1]
    known = np.append(KNOWN, [wrong, wrong]).astype(np.int32)
    known[0] = wrong
    chances = judged(texts, known)[rows, wrong]
    assert chances == pytest.approx([chances[0]] * 3, rel=1e-3)
    assert chances[0] < 0.5


def test_other_labels_of_a_row_are_evidence(texts: Texts) -> None:
    agencies = [one.labels["agency"] for one in toy.complaints()]
    own = np.arange(len(KNOWN)), KNOWN
    assert judged(texts, others=[agencies])[own].mean() > judged(texts)[own].mean()
    assert judged(texts, others=[[""] * len(KNOWN)]) == pytest.approx(judged(texts))


def test_some_of_the_texts_can_be_judged_alone(texts: Texts) -> None:
    rows = np.arange(0, len(KNOWN), 2, dtype=np.int32)
    assert judged(texts.take(rows), KNOWN[rows]).shape == (len(rows), len(TOPICS))


def test_copies_of_one_text_are_judged_without_any_evidence() -> None:
    copies = [toy.complaints()[0]] * 3
    probabilities = judged(Texts.of(copies, toy.LEXICON), np.array([0, 0, 1], np.int32))
    assert np.isfinite(probabilities).all()
