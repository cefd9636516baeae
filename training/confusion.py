"""Which classes are taken for which, and which fare worst."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from classifier.redact import redact
from training.cases import Case
from training.measures import ClassMeasures

PAIRS = 12
NEXT = 2  # answers after the best one, which a reviewer sees at once
WORST = 8
FEWEST = 10  # reports of a class that is called bad
EXAMPLES = 3
LONGEST = 320  # characters of an example


@dataclass(frozen=True, slots=True)
class Confusion:
    """Reports of class `gold` that got `answer`: how many, their share of all errors.

    `next_two` is the share of them whose gold label was the second or third answer.
    """

    gold: str
    answer: str
    rows: int
    error_share: float
    next_two: float


@dataclass(frozen=True, slots=True)
class Example:
    """A report that got a wrong answer, masked and cut."""

    text: str
    answer: str
    probability: float


def confusions(cases: Sequence[Case]) -> tuple[Confusion, ...]:
    """Return the pairs that cost most; labels that the taxonomy can't resolve are errors, but no pair."""
    wrong = [case for case in cases if not case.right]
    pairs = defaultdict[tuple[str, str], list[Case]](list)
    for case in wrong:
        if case.gold:
            pairs[case.code, case.ranked[0]].append(case)
    costly = sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:PAIRS]
    return tuple(
        Confusion(gold, answer, len(found), len(found) / len(wrong), _next(found)) for (gold, answer), found in costly
    )


def worst(classes: Sequence[ClassMeasures]) -> tuple[ClassMeasures, ...]:
    """Return the classes of the lowest F1 among those with enough reports."""
    enough = [one for one in classes if one.rows >= FEWEST and one.f1 < 1]
    return tuple(sorted(enough, key=lambda one: (one.f1, -one.rows, one.code))[:WORST])


def mistaken_for(cases: Sequence[Case], code: str) -> list[str]:
    """Return the classes that reports of class `code` are taken for, the most frequent first."""
    taken = Counter(case.ranked[0] for case in cases if case.code == code and not case.right)
    return [answer for answer, _ in taken.most_common(NEXT)]


def examples(cases: Sequence[Case], code: str) -> list[Example]:
    """Return reports of class `code` with the surest wrong answers; a secret report is never shown."""
    wrong = [case for case in cases if case.code == code and not case.right and case.complaint.visibility != "rahasia"]
    surest = sorted(wrong, key=lambda case: -case.answers[0].probability)[:EXAMPLES]
    return [Example(_shown(case.complaint.text), case.ranked[0], case.answers[0].probability) for case in surest]


def _shown(text: str) -> str:
    """Mask first and cut then, so that no number is cut into one that no rule knows."""
    masked = " ".join(redact(text).text.split())
    return masked if len(masked) <= LONGEST else f"{masked[:LONGEST].rsplit(' ', 1)[0]} …"


def _next(cases: Sequence[Case]) -> float:
    return sum(case.code in case.ranked[1 : 1 + NEXT] for case in cases) / len(cases)
