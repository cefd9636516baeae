"""What a router may do with an answer, and why.

A probability is a fact; the thresholds here are policy, learnt for a stated share of wrong answers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from classifier.records import Action, Decision

CONFIDENT = "confident"
DOUBTFUL_TOPIC = "doubtful-topic"
DOUBTFUL_AGENCY = "doubtful-agency"
DOUBTFUL_BOTH = "doubtful-both"
TOO_SHORT = "too-short"
NEW_VOCABULARY = "new-vocabulary"
PLACE_UNKNOWN = "place-unknown"
PLACE_AMBIGUOUS = "place-ambiguous"
URGENT = "urgent"
SENSITIVE = "sensitive"
SEVERAL_MATTERS = "several-matters"
NOT_A_COMPLAINT = "not-a-complaint"
FOUND = (URGENT, SENSITIVE, SEVERAL_MATTERS, NOT_A_COMPLAINT)  # in the text, however sure the answers are
DOUBTS = (DOUBTFUL_TOPIC, DOUBTFUL_AGENCY, DOUBTFUL_BOTH, PLACE_UNKNOWN, PLACE_AMBIGUOUS, TOO_SHORT, NEW_VOCABULARY)
PRECEDENT = "precedent"  # people decided the same text from the same place
REASONS = (CONFIDENT, *FOUND, *DOUBTS, PRECEDENT)
_WHOLE = frozenset([SENSITIVE, SEVERAL_MATTERS, NOT_A_COMPLAINT, TOO_SHORT, NEW_VOCABULARY])  # hold back both answers
_ON_TOPIC = frozenset([DOUBTFUL_TOPIC])
_ON_AGENCY = frozenset([DOUBTFUL_AGENCY, PLACE_UNKNOWN, PLACE_AMBIGUOUS])

MIN_WORDS = 4  # "mohon tindak lanjut" says that something is wrong, not what
MAX_UNKNOWN = 0.5  # share of the words; beyond it the model guesses from the rest


@dataclass(frozen=True, slots=True)
class Policy:
    """`topic` and `agency` are the least probabilities to act on; above 1 means never, None a target not answered.

    `both` is the least product of the two to act on both at once. `error` is the share of wrong answers, among those
    acted on, that each of the three was learnt for.
    """

    topic: float | None
    agency: float | None
    both: float | None
    error: float

    def decide(
        self,
        topic: float | None,
        agency: float | None,
        notes: Sequence[str],
        words: int,
        unknown: float,
        found: Collection[str] = (),
    ) -> Decision:
        """Decide by the probabilities of the best answers, the number of words and the share of unknown ones.

        `notes` on the agency: one that exists at many places can't be routed to while it is open which one is meant.
        `found`: those of `FOUND` that hold. An urgent complaint is always told to a person, but its answers may be
        acted on meanwhile: to wait could cost more than to tell an agency for nothing.
        """
        doubts = [
            reason
            for reason, holds in (
                (DOUBTFUL_TOPIC, _doubtful(topic, self.topic)),
                (DOUBTFUL_AGENCY, _doubtful(agency, self.agency)),
                (DOUBTFUL_BOTH, self._doubtful_together(topic, agency)),
                (PLACE_UNKNOWN, PLACE_UNKNOWN in notes),
                (PLACE_AMBIGUOUS, PLACE_AMBIGUOUS in notes),
                (TOO_SHORT, words < MIN_WORDS),
                (NEW_VOCABULARY, unknown > MAX_UNKNOWN),
            )
            if holds
        ]
        reasons = [*(reason for reason in FOUND if reason in found), *doubts] if found else doubts
        return Decision(
            action=_action(bool(reasons)),
            topic=_action(not (_WHOLE | _ON_TOPIC).isdisjoint(reasons)),
            agency=_action(not (_WHOLE | _ON_AGENCY).isdisjoint(reasons)),
            reasons=tuple(reasons) or (CONFIDENT,),
        )

    def _doubtful_together(self, topic: float | None, agency: float | None) -> bool:
        """Say whether answers that may each be acted on are not sure enough for both at once."""
        if _doubtful(topic, self.topic) or _doubtful(agency, self.agency):
            return False
        return _doubtful(together(topic, agency), self.both)


def together(topic: float | None, agency: float | None) -> float | None:
    """Return how sure a topic and an agency are at once."""
    return None if topic is None or agency is None else topic * agency


def _doubtful(probability: float | None, least: float | None) -> bool:
    """Say whether an answer is below its threshold; one that the model can't give is doubtful too."""
    return probability is None or least is None or probability < least


def _action(doubt: bool) -> Action:
    return "review" if doubt else "route"


def settled(given: Decision, *, topic: bool, agency: bool) -> Decision:
    """Return the decision once people have decided the same text's topic, agency or both.

    Doubt about what they decided is gone; whatever else holds an answer back still does.
    """
    if not (topic or agency):
        return given
    gone = {CONFIDENT, *(_ON_TOPIC if topic else ()), *(_ON_AGENCY if agency else ())}
    gone |= {DOUBTFUL_BOTH, *((NEW_VOCABULARY,) if topic and agency else ())}
    left = [reason for reason in given.reasons if reason not in gone]
    held = not _WHOLE.isdisjoint(left)
    return replace(
        given,
        action=_action(bool(left)),
        topic=_action(held) if topic else given.topic,
        agency=_action(held) if agency else given.agency,
        reasons=(*left, PRECEDENT),
    )
