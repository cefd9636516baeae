"""What a classifier answers on labelled rows, target by target, as the gate compares it."""

from collections.abc import Mapping, Sequence

import numpy as np

from classifier.pipeline import Classifier
from classifier.records import Answer, Complaint, Label, Prediction, Target
from classifier.taxonomy import Taxonomy
from training.cases import UNRESOLVED, answers, classify, golds, meets
from training.gate import Outcomes

TARGETS: tuple[Target, ...] = ("topic", "agency", "kind")


def outcomes(
    classifier: Classifier, complaints: Sequence[Complaint], taxonomy: Taxonomy, topic_column: str, promise: float
) -> dict[Target, Outcomes]:
    """Return the outcomes of each target that the complaints have labels of.

    All classifiers have the same rows there: a row without an answer counts as wrong.
    """
    predictions = classify(classifier, complaints, taxonomy)
    columns: Mapping[Target, str] = {"topic": topic_column, "agency": "agency", "kind": "kind"}
    found = {}
    for target, column in columns.items():
        gold = golds(complaints, target, column, taxonomy)
        rows = [at for at, one in enumerate(complaints) if one.labels.get(column, "").strip()]
        if rows:
            chosen = [gold[at] for at in rows]
            found[target] = _outcomes(target, chosen, [predictions[at] for at in rows], taxonomy, promise)
    return found


def known_targets(classifier: Classifier) -> set[Target]:
    """Return the targets that a classifier answers."""
    labels = {"topic": classifier.topics, "agency": classifier.agencies, "kind": classifier.kinds}
    return {target for target in TARGETS if labels[target]}


def _outcomes(
    target: Target, gold: Sequence[Label | None], predictions: Sequence[Prediction], taxonomy: Taxonomy, promise: float
) -> Outcomes:
    best = [next(iter(answers(one, target)), None) for one in predictions]
    national = taxonomy.kind == "national"
    return Outcomes(
        classes=tuple(label.code if label else UNRESOLVED for label in gold),
        right=np.array([_is_right(answer, label, national) for answer, label in zip(best, gold, strict=True)]),
        probability=np.array([answer.probability if answer else 0.0 for answer in best]),
        routed=np.array([target != "kind" and getattr(one.decision, target) == "route" for one in predictions]),
        promise=promise,
    )


def _is_right(answer: Answer | None, gold: Label | None, national: bool) -> bool:
    if answer is None or gold is None:
        return False
    return meets(answer.label.code, gold) if national else answer.label.code == gold.code
