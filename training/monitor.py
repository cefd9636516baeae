"""Compares what came in lately with what the model learnt from, and says whether to retrain.

Every comparison has a level that chance alone rarely passes for so many reports, and a size that matters in practice:
only what passes both is called a change. With thousands of reports every difference is more than chance; with fifty,
large ones are chance.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import log, sqrt
from typing import Any

import numpy as np

from classifier.records import Label, Prediction, Target
from data.store.recent import Reviewed
from training.cases import answers
from training.facts import TENTHS, group_shares, tenths

FEWEST = 50  # reports, below which nothing can be told
FEWEST_REVIEWS = 20
SIMULATIONS = 400
CHANCE = 0.99  # of the simulations stay below the level of chance: several figures are looked at every week
SIGMAS = 2.58  # of a normal distribution, both sides, likewise
TARGETS: tuple[Target, ...] = ("topic", "agency")

# What matters in practice, on the scale of each figure.
WORDS = 0.03  # more of a report's words unknown
SHARES = 0.25  # population stability index; by convention above 0.25 the population has changed
SEASON = 0.1  # by so much beyond chance even in weeks of few reports: no two weeks are quite alike
SURE = 0.05  # less sure on average
ROUTED = 0.1  # fewer reports sure enough to route
AGREED = 0.1  # fewer answers confirmed by reviewers than the probabilities said


@dataclass(frozen=True, slots=True)
class Figure:
    """One comparison: what was expected, what was found, and how large a difference may be `chance`.

    Shares from 0 to 1, but for class shares the population stability index, expected 0. `changed`: more than chance and
    enough to matter.
    """

    name: str
    expected: float
    found: float
    chance: float
    changed: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """What was found; `retrain` is None where too little came in to tell. `groups`: the classes that moved most."""

    reports: int
    reviews: int
    retrain: bool | None
    sentence: str
    figures: tuple[Figure, ...]
    groups: Mapping[Target, Sequence[tuple[str, float, float]]]

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON object that `pilah monitor --json` writes."""
        moved = {
            target: [{"group": group, "expected": before, "found": now} for group, before, now in found]
            for target, found in self.groups.items()
        }
        return asdict(self) | {"figures": [asdict(one) for one in self.figures], "groups": moved}


REASONS = {
    "unknown words": "people use words that the model has not learnt",
    "topics": "other topics come in than it learnt from",
    "agencies": "reports go to other agencies than it learnt from",
    "sureness of the topic": "it is less sure of topics",
    "sureness of the agency": "it is less sure of agencies",
    "routed": "fewer reports can be routed",
    "agreement on the topic": "reviewers correct more topics than its probabilities say",
    "agreement on the agency": "reviewers correct more agencies than its probabilities say",
}


def watch(expected: Mapping[str, Any] | None, lately: Sequence[Prediction], reviews: Sequence[Reviewed]) -> Watch:
    """Compare the model's answers to recent reports with what its manifest expects (None: it does not say)."""
    figures = list(_agreement(reviews))
    if expected and len(lately) >= FEWEST:
        figures = [*_reports(expected, lately), *figures]
    changed = [one.name for one in figures if one.changed]
    enough = bool(expected) and len(lately) >= FEWEST
    retrain = True if changed else False if enough else None
    groups = {target: _moved(expected, target, lately) for target in TARGETS} if enough and expected else {}
    sentence = _sentence(retrain, changed, len(lately), known=bool(expected))
    return Watch(len(lately), len(reviews), retrain, sentence, tuple(figures), groups)


def stability(expected: Sequence[float], counts: Sequence[int]) -> float:
    """Return the population stability index of counts beside expected shares; each class has half a report more."""
    total, classes = sum(counts), len(counts)
    found = [(count + 0.5) / (total + 0.5 * classes) for count in counts]
    before = [(share * total + 0.5) / (total + 0.5 * classes) for share in expected]
    return sum((now - then) * log(now / then) for now, then in zip(found, before, strict=True))


def chance_stability(expected: Sequence[float], reports: int) -> float:
    """Return the index that so many reports of the expected shares rarely pass, by simulation."""
    shares = np.asarray(expected, float)
    draws = np.random.default_rng(0).multinomial(reports, shares / shares.sum(), SIMULATIONS)
    return float(np.quantile([stability(expected, draw.tolist()) for draw in draws], CHANCE))


def _reports(expected: Mapping[str, Any], lately: Sequence[Prediction]) -> Iterator[Figure]:
    if (before := expected["unknown_words"]) is not None:
        yield _more("unknown words", before, [one.unknown for one in lately], WORDS)
    for target, name in zip(TARGETS, ("topics", "agencies"), strict=True):
        if target in expected["groups"]:
            yield _shares(name, *_counted(expected, target, lately))
    for target in TARGETS:
        if target in expected["confidence"]:
            before = _mean(expected["confidence"][target])
            sure = [one.probability for prediction in lately for one in answers(prediction, target)[:1]]
            yield _less(f"sureness of the {target}", before, _mean(tenths(sure)), sure, SURE)
    if (before := expected["auto_share"]) is not None:
        routed = [float(not any(reason.startswith("doubtful-") for reason in one.decision.reasons)) for one in lately]
        yield _less("routed", before, float(np.mean(routed)), routed, ROUTED)


def _agreement(reviews: Sequence[Reviewed]) -> Iterator[Figure]:
    """Compare how often reviewers kept an answer with how often its probability said that it is right."""
    for target in TARGETS:
        told = [(one.answer[target], one.labels[target]) for one in reviews if _judged(one, target)]
        if len(told) >= FEWEST_REVIEWS:
            stated = [float(answer["probability"]) for answer, _ in told]
            kept = float(np.mean([answer["code"] == label for answer, label in told]))
            before, chance = float(np.mean(stated)), SIGMAS * sqrt(sum(p * (1 - p) for p in stated)) / len(stated)
            name = f"agreement on the {target}"
            yield Figure(name, before, kept, chance, before - kept > max(chance, AGREED))


def _judged(one: Reviewed, target: Target) -> bool:
    return bool(one.answer.get(target)) and target in one.labels


def _more(name: str, before: float, values: Sequence[float], matters: float) -> Figure:
    found, chance = float(np.mean(values)), _chance(values)
    return Figure(name, before, found, chance, found - before > max(chance, matters))


def _less(name: str, before: float, found: float, values: Sequence[float], matters: float) -> Figure:
    chance = _chance(values)
    return Figure(name, before, found, chance, before - found > max(chance, matters))


def _chance(values: Sequence[float]) -> float:
    return SIGMAS * float(np.std(values)) / sqrt(len(values)) if values else 1.0


def _shares(name: str, expected: Sequence[float], counts: Sequence[int]) -> Figure:
    found, chance = stability(expected, counts), chance_stability(expected, sum(counts))
    return Figure(name, 0.0, found, chance, found > max(chance + SEASON, SHARES))


def _counted(
    expected: Mapping[str, Any], target: Target, lately: Sequence[Prediction]
) -> tuple[list[float], list[int]]:
    """Return expected shares and counts of all groups that were expected or found."""
    before, labels = expected["groups"][target], _best(target, lately)
    found = {group: round(share * len(labels)) for group, share in group_shares(labels).items()}
    groups = [*before, *(group for group in found if group not in before)]
    return [before.get(group, 0.0) for group in groups], [found.get(group, 0) for group in groups]


def _moved(
    expected: Mapping[str, Any], target: Target, lately: Sequence[Prediction], most: int = 3
) -> Sequence[tuple[str, float, float]]:
    """Return the groups whose share changed most, with the share expected and found."""
    before, found = expected["groups"].get(target, {}), group_shares(_best(target, lately))
    both = [(group, before.get(group, 0.0), found.get(group, 0.0)) for group in {**before, **found}]
    return sorted(both, key=lambda one: (-abs(one[2] - one[1]), one[0]))[:most]


def _best(target: Target, lately: Iterable[Prediction]) -> list[Label]:
    return [one.label for prediction in lately for one in answers(prediction, target)[:1]]


def _mean(shares: Sequence[float]) -> float:
    """Return the mean of probabilities by the share in each tenth."""
    return float(sum(share * (at + 0.5) / TENTHS for at, share in enumerate(shares)))


def _sentence(retrain: bool | None, changed: Sequence[str], reports: int, *, known: bool) -> str:
    if retrain:
        return f"Retrain: {'; '.join(REASONS[name] for name in changed)}."
    if retrain is False:
        return f"No need to retrain: the {reports:,} reports are like those that the model learnt from."
    if not known:
        return "It can't be told: the model's manifest does not say what it learnt from; retrain once, and watch that."
    return f"It can't be told: {reports:,} reports are too few; {FEWEST} or more are needed."
