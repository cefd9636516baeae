"""Whether a candidate may take the place of the model that serves: both answered the same rows.

What can be held against it is always measured beside the model that serves: a bundle never fails against itself.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from classifier.records import Target
from training.curves import BINS, calibration_error

# What is tolerated. Raise one only with a reason that holds for every city.
CONFIDENCE = 0.95  # of every test here that the difference is not chance
TOLERATED_LOSS = 0.005  # of accuracy: a retrained model moves by as much with a month's reports more or less
CLASS_FLOOR = 0.5  # of the reports of a class that are answered right now must be right afterwards as well
GONE_ROWS = 3  # of a class, right now and none afterwards; among nine real retrainings not one class went so by chance
CALIBRATION_LOSS = 0.015  # more calibration error, and that beyond what chance gives: "95 % sure" means something else
AUTOMATION_LOSS = (
    0.015  # of the share of wrong answers beyond the promise: months that come later always differ a little
)
SEEN_SHARE = (
    0.01  # of test rows learnt from: in real months 0.3 % of the texts repeat an earlier one, letter for letter
)
MIN_ROWS = 20  # with fewer, the interval is wider than any difference between two useful models

RESAMPLES = 2000
SHOWN = 5  # lost classes; the history holds all
SIMULATIONS = 200  # of calibration errors, which take longer

WORSE = "worse"
CLASS_LOST = "class-lost"
TARGET_LOST = "target-lost"
CALIBRATION = "calibration"
AUTOMATION = "automation"
TAXONOMY = "taxonomy"
SEEN = "test-rows-seen"
FEW_ROWS = "few-test-rows"
REASONS = (WORSE, CLASS_LOST, TARGET_LOST, CALIBRATION, AUTOMATION, TAXONOMY, SEEN, FEW_ROWS)

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What a model answered for one target on the rows that have a label of it, in their order.

    `classes` are the codes that were right; `promise` is the share of wrong answers allowed among those `routed`.
    """

    classes: tuple[str, ...]
    right: Mask
    probability: NDArray[np.float64]
    routed: Mask
    promise: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model stands: `chance_ece` is what a perfectly calibrated model as sure as it would stay below.

    `auto_rows` were answered without a person, `auto_wrong` of these wrongly.
    """

    rows: int
    accuracy: float
    ece: float
    chance_ece: float
    auto_rows: int
    auto_wrong: int
    promise: float

    @property
    def auto_error(self) -> float:
        """The share of wrong answers among those given without a person."""
        return self.auto_wrong / self.auto_rows if self.auto_rows else 0.0

    @property
    def breach(self) -> float:
        """By how much the share of wrong answers is above the promise, 0 where that may be chance."""
        chance = binom.sf(self.auto_wrong - 1, self.auto_rows, self.promise) if self.auto_rows else 1.0
        return max(0.0, self.auto_error - self.promise) if chance <= 1 - CONFIDENCE else 0.0


@dataclass(frozen=True, slots=True)
class LostClass:
    """A class of which the candidate answers far fewer rows right than the model that serves."""

    code: str
    rows: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate and current model on one target; `difference` of accuracy from `low` to `high` by a paired bootstrap.

    `low` and `high` each fail with a chance of 1 - `CONFIDENCE`; `loss_chance` is the share of resamples in which the
    candidate loses more than is tolerated, `calibration_chance` the same of calibration. `answered`: the candidate
    answers this target at all.
    """

    candidate: Standing
    current: Standing
    difference: float
    low: float
    high: float
    loss_chance: float
    calibration_chance: float
    lost: tuple[LostClass, ...]
    answered: bool = True

    @property
    def rows(self) -> int:
        """The number of rows that both answered."""
        return self.candidate.rows


def compare(candidate: Outcomes, current: Outcomes, *, answered: bool = True) -> Comparison:
    """Compare two models on the same rows, at least one."""
    gain = candidate.right.astype(float) - current.right
    draws = _resampled(gain)
    low, high = np.quantile(draws, [1 - CONFIDENCE, CONFIDENCE])
    return Comparison(
        candidate=standing(candidate),
        current=standing(current),
        difference=float(gain.mean()),
        low=float(low),
        high=float(high),
        loss_chance=float((draws < -TOLERATED_LOSS).mean()),
        calibration_chance=float((_calibration_losses(candidate, current) > CALIBRATION_LOSS).mean()),
        lost=tuple(_lost_classes(candidate, current)),
        answered=answered,
    )


def standing(outcomes: Outcomes) -> Standing:
    """Measure one model."""
    return Standing(
        rows=len(outcomes.right),
        accuracy=float(outcomes.right.mean()),
        ece=calibration_error(outcomes.probability, outcomes.right),
        chance_ece=chance_error(outcomes.probability),
        auto_rows=int(outcomes.routed.sum()),
        auto_wrong=int((outcomes.routed & ~outcomes.right).sum()),
        promise=outcomes.promise,
    )


def chance_error(probabilities: NDArray[np.float64]) -> float:
    """Return the calibration error that a perfectly calibrated model with these probabilities rarely exceeds.

    Simulated: the answers are right exactly as often as the probabilities say.
    """
    random = np.random.default_rng(0)
    bins = np.array_split(np.sort(probabilities), BINS)
    gaps = [abs((random.random((SIMULATIONS, len(one))) < one).sum(axis=1) - one.sum()) for one in bins]
    return float(np.quantile(sum(gaps) / len(probabilities), CONFIDENCE))


def reasons(comparisons: Mapping[Target, Comparison]) -> Iterator[tuple[str, str]]:
    """Yield what speaks against the candidate: a code and a sentence; of one code several may come."""
    judged = {target: one for target, one in comparisons.items() if one.rows >= MIN_ROWS}
    if not judged:
        rows = max((one.rows for one in comparisons.values()), default=0)
        yield FEW_ROWS, f"{rows} labelled test rows that neither model learnt from can't tell; give {MIN_ROWS} or more"
    for target, one in judged.items():
        if one.answered:
            yield from _against(target, one)
        else:
            yield TARGET_LOST, f"the candidate does not answer the {target}, which the active bundle does"


def _against(target: Target, one: Comparison) -> Iterator[tuple[str, str]]:
    if one.loss_chance >= CONFIDENCE:
        fall, least, tolerated = (f"{100 * loss:.1f}" for loss in (-one.difference, -one.high, TOLERATED_LOSS))
        sure = f"at least {least} with {CONFIDENCE:.0%} confidence"
        yield WORSE, f"{target} accuracy falls by {fall} points on {one.rows:,} rows ({sure}); tolerated {tolerated}"
    for lost in one.lost[:SHOWN]:
        right = f"{lost.after} of {lost.rows} rows right, {lost.before} by the active bundle"
        yield CLASS_LOST, f"{target} {lost.code!r}: {right}; expected {CLASS_FLOOR:.0%} of that"
    if len(one.lost) > SHOWN:
        yield CLASS_LOST, f"{len(one.lost) - SHOWN} more classes of the {target}"
    candidate, current = one.candidate, one.current
    if one.calibration_chance >= CONFIDENCE and candidate.ece > candidate.chance_ece:
        off = f"off by {candidate.ece:.3f} (chance gives up to {candidate.chance_ece:.3f})"
        yield CALIBRATION, f"{target} probabilities are {off}, by {current.ece:.3f} with the active bundle"
    if candidate.breach > current.breach + AUTOMATION_LOSS:
        wrong = f"{candidate.auto_wrong} of {candidate.auto_rows} answers given without a person are wrong"
        yield AUTOMATION, f"{target}: {wrong} ({candidate.auto_error:.1%}); promised {candidate.promise:.1%}"


def _resampled(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each resample of rows, drawn with replacement: how often a gain and a loss were drawn.

    Drawn for the better of the two models, so that the other way round gives the opposite.
    """
    sign = -1 if gain.sum() < 0 else 1
    shares = [(sign * gain > 0).mean(), (sign * gain < 0).mean(), (gain == 0).mean()]
    wins, losses, _ = np.random.default_rng(0).multinomial(len(gain), shares, RESAMPLES).T
    return np.asarray(sign * (wins - losses) / len(gain))


def _calibration_losses(candidate: Outcomes, current: Outcomes) -> NDArray[np.float64]:
    """Return by how much the candidate's calibration error is above the current model's in resamples of the rows."""
    rows, random = len(current.right), np.random.default_rng(0)
    both = [(_bins(one.probability), one.probability - one.right) for one in (candidate, current)]
    losses = []
    for _ in range(SIMULATIONS):
        drawn = random.integers(0, rows, rows)
        new, old = (np.abs(np.bincount(bins[drawn], gaps[drawn])).sum() / rows for bins, gaps in both)
        losses.append(new - old)
    return np.array(losses)


def _bins(probabilities: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the number of each row's bin of equal mass."""
    bins = np.empty(len(probabilities), np.intp)
    for number, rows in enumerate(np.array_split(np.argsort(probabilities, kind="stable"), BINS)):
        bins[rows] = number
    return bins


def _lost_classes(candidate: Outcomes, current: Outcomes) -> Iterator[LostClass]:
    """Yield the classes that are gone, or below their floor if a sign test says that this is no chance.

    The greatest loss comes first.
    """
    codes = np.array(candidate.classes)
    gained, lost = candidate.right & ~current.right, current.right & ~candidate.right
    found = Counter(codes[lost].tolist())
    for code, worse in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        rows = codes == code
        before, after = int(current.right[rows].sum()), int(candidate.right[rows].sum())
        better = int(gained[rows].sum())
        gone = before >= GONE_ROWS and not after
        low = after < CLASS_FLOOR * before and binom.sf(worse - 1, worse + better, 0.5) <= 1 - CONFIDENCE
        if gone or low:
            yield LostClass(code, int(rows.sum()), before, after)
