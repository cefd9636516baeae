"""The answers of an evaluation beside those of another bundle and of peers, on the same reports."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from classifier.pipeline import Classifier
from classifier.records import Complaint, Target
from training.cases import Case, Judged, golds, judge
from training.intervals import Estimate, paired_difference
from training.peers import Peer, svc_peers

FEWEST = 20  # labelled reports that a peer can learn from


@dataclass(frozen=True, slots=True)
class Comparison:
    """Another answerer on the same reports; `difference` is our accuracy minus its own, by a paired bootstrap.

    `auto_share` and `auto_error` are None for a peer, which answers all and knows no doubt.
    """

    name: str
    of: Literal["bundle", "peer"]
    rows: int
    accuracy: float
    difference: Estimate
    auto_share: float | None = None
    auto_error: float | None = None


def compare(
    judged: Judged, rival: Classifier | None, training: Sequence[Complaint], track: Callable[[str], object] = str
) -> dict[Target, list[Comparison]]:
    """Compare with another bundle's classifier, and with the peers if there is `training` for them to learn from."""
    found: dict[Target, list[Comparison]] = {target: [] for target in judged.cases}
    if rival:
        track("Classifying with the other bundle")
        other = judge(rival, judged.complaints, judged.taxonomy, judged.columns["topic"])
        for target, one in beside_bundle(judged, rival.id, other):
            found[target].append(one)
    for target, one in beside_peers(judged, training, track) if training else ():
        found[target].append(one)
    return found


def beside_bundle(judged: Judged, name: str, other: Judged) -> Iterator[tuple[Target, Comparison]]:
    """Yield a comparison for each target that both bundles answer."""
    for target, cases in judged.cases.items():
        theirs = {case.row: case for case in other.cases.get(target, ())}
        shared = [(case, theirs[case.row]) for case in cases if case.row in theirs]
        if shared:
            own, others = zip(*shared, strict=True)
            yield target, _beside_bundle(name, own, others)


def beside_peers(
    judged: Judged, training: Sequence[Complaint], track: Callable[[str], object] = str
) -> Iterator[tuple[Target, Comparison]]:
    """Fit the peers to the same labels of `training` and yield a comparison for each and each target."""
    for name, peer in svc_peers().items():
        for target, cases in judged.cases.items():
            if target != "kind":
                track(f"{name}: {target}")
                right = _right(peer, judged, target, training)
                if right is not None:
                    difference = paired_difference(_rights(cases), right)
                    yield target, Comparison(name, "peer", len(cases), float(right.mean()), difference)


def alike(own: Classifier, other: Classifier) -> bool:
    """Tell whether half or more of our classes are the other's too, which two sets of written labels may not share."""
    ours, theirs = ({*one.topics, *one.agencies, *one.kinds} for one in (own, other))
    return 2 * len(ours & theirs) >= len(ours)


def _beside_bundle(name: str, own: Sequence[Case], others: Sequence[Case]) -> Comparison:
    right = _rights(others)
    routed = [case for case in others if case.routed]
    return Comparison(
        name,
        "bundle",
        len(own),
        float(right.mean()),
        paired_difference(_rights(own), right),
        len(routed) / len(others),
        sum(not case.right for case in routed) / len(routed) if routed else None,
    )


def _right(peer: Peer, judged: Judged, target: Target, training: Sequence[Complaint]) -> NDArray[np.bool_] | None:
    """Return which cases the peer gets right, None if too few of `training` can be learnt from."""
    meant = golds(training, target, judged.columns[target], judged.taxonomy)
    known = [(_text(one), gold.code) for one, gold in zip(training, meant, strict=True) if gold]
    if len(known) < FEWEST or len({code for _, code in known}) < 2:
        return None
    texts, codes = zip(*known, strict=True)
    cases = judged.cases[target]
    ranked = peer(texts, codes)([_text(case.complaint) for case in cases])
    return np.array([case.met_by(answers[0]) for case, answers in zip(cases, ranked, strict=True)])


def _rights(cases: Sequence[Case]) -> NDArray[np.bool_]:
    return np.array([case.right for case in cases], dtype=bool)


def _text(complaint: Complaint) -> str:
    return f"{complaint.title}\n{complaint.text}".strip()
