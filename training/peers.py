"""What a user would otherwise pick: the peers that `pilah bench` runs beside pilah.

Each takes the title and text of a report and fits one target at a time, as its own documentation shows.
"""

import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.svm import LinearSVC

from classifier.records import ANSWERS

Ranked = list[list[str]]
Ranker = Callable[[Sequence[str]], Ranked]  # texts -> labels, best first, five a text
Peer = Callable[[Sequence[str], Sequence[str]], Ranker]  # texts and labels -> a fitted ranker

SEED = 0


def svc_peers() -> dict[str, Peer]:
    """Return the linear support vector machines by name, the strongest of the peers."""
    return {
        "LinearSVC word": lambda texts, labels: _fitted(make_pipeline(_words(), _svc(None)), texts, labels),
        "LinearSVC word, balanced": lambda texts, labels: _fitted(
            make_pipeline(_words(), _svc("balanced")), texts, labels
        ),
        "LinearSVC word+char": lambda texts, labels: _fitted(
            make_pipeline(make_union(_words(), _chars()), _svc(None)), texts, labels
        ),
        "LinearSVC word+char, balanced": lambda texts, labels: _fitted(
            make_pipeline(make_union(_words(), _chars()), _svc("balanced")), texts, labels
        ),
    }


def peers() -> Mapping[str, Peer]:
    """Return the peers by name; fastText only where the `bench` extra is installed."""
    found = svc_peers()
    found["Signalen (L1 logistic, tf)"] = lambda texts, labels: _fitted(_signalen(), texts, labels)
    try:
        import fasttext  # noqa: F401
    except ImportError:
        return found
    return found | {"fastText": _fasttext}


def _words() -> TfidfVectorizer:
    return TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)


def _chars() -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", sublinear_tf=True, ngram_range=(2, 5), min_df=2)


def _svc(class_weight: str | None) -> LinearSVC:
    return LinearSVC(class_weight=class_weight, random_state=SEED)


def _signalen() -> Pipeline:
    """Return the recipe of Amsterdam's Signalen: L1 logistic regression, one against the rest, on term frequencies."""
    logistic = LogisticRegression(l1_ratio=1, solver="liblinear", C=10, random_state=SEED)
    return make_pipeline(TfidfVectorizer(use_idf=False, min_df=2), OneVsRestClassifier(logistic))


def _fitted(model: Pipeline, texts: Sequence[str], labels: Sequence[str]) -> Ranker:
    model.fit(texts, labels)

    def rank(asked: Sequence[str]) -> Ranked:
        scores = model.decision_function(asked)
        return _best(np.column_stack([-scores, scores]) if scores.ndim == 1 else scores, model.classes_)

    return rank


def _best(scores: NDArray[np.float64], classes: NDArray[np.str_]) -> Ranked:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :ANSWERS]
    return [list(map(str, row)) for row in classes[order]]


def _fasttext(texts: Sequence[str], labels: Sequence[str]) -> Ranker:
    """Fit fastText with word pairs and character pieces, as its tutorial on short texts recommends."""
    import fasttext

    names = sorted(set(labels))
    number = {name: at for at, name in enumerate(names)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        lines = [f"__label__{number[label]} {_one_line(text)}" for text, label in zip(texts, labels, strict=True)]
        path.write_text("\n".join(lines), encoding="utf-8")
        model = fasttext.train_supervised(
            str(path),
            lr=0.5,
            epoch=25,
            wordNgrams=2,
            minn=3,
            maxn=5,
            dim=100,
            loss="softmax",
            thread=1,
            seed=SEED,
            verbose=0,
        )

    def rank(asked: Sequence[str]) -> Ranked:
        found = [model.f.predict(_one_line(text) + "\n", ANSWERS, 0.0, "strict") for text in asked]
        return [[names[int(label.removeprefix("__label__"))] for _, label in answers] for answers in found]

    return rank


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text.lower())
