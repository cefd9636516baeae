"""Finds what a person must see in a complaint: danger to life, what is sensitive, what is no complaint.

Rules are reviewed reference data. They are matched on normalised words without the masks, so that case, spacing and
masked numbers change nothing.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, Self, get_args

from classifier.phrases import Phrases

AlertKind = Literal["urgent", "sensitive", "not-a-complaint"]
KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
AGENCY = "@instansi"  # in `near`: the name of the agency that answers
COURTESY = "basa-basi"
GENERAL_LINE = "112"  # takes every danger, wherever a local government runs it

NEAR, UNLESS, BEFORE, EVERYWHERE = 12, 8, 3, 1_000_000  # the reach, in words, of the columns of those names
_MASKS = frozenset(["<nik>", "<telepon>", "<email>", "<nomor>", "<url>"])
_FORMAL = frozenset(["pt", "persero", "republik", "indonesia", "negara"])  # words of a body's name that nobody writes


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: one of `words` must stand in the text and one of `near`, if it has any, close to it.

    None of `unless` may stand close to it, none of `before` right before it. For what is no complaint `near` and
    `unless` reach over the whole text. All are phrases of words and gaps. `line`: the emergency line of an urgent rule.
    """

    code: str
    kind: AlertKind
    words: tuple[str, ...]
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    line: str = ""


@dataclass(frozen=True, slots=True)
class AlertRules:
    """The rules; a text of nothing but `courtesies` is no complaint."""

    rules: tuple[Rule, ...] = ()
    courtesies: tuple[str, ...] = ()

    def state(self) -> dict[str, Any]:
        """Return all that `from_state` needs, as JSON."""
        rules = [{name: _thawed(value) for name, value in asdict(rule).items()} for rule in self.rules]
        return {"rules": rules, "courtesies": list(self.courtesies)}

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """Rebuild the rules; ValueError, LookupError or TypeError if the state is another one."""
        rules = [Rule(**{name: _frozen(value) for name, value in rule.items()}) for rule in state["rules"]]
        if unknown := {rule.kind for rule in rules} - set(KINDS):
            raise ValueError(f"alerts of unknown kinds: {', '.join(sorted(unknown))}")
        return cls(tuple(rules), _frozen(state["courtesies"]))


class Alert(NamedTuple):
    """A rule that a text meets."""

    code: str
    kind: AlertKind
    line: str


class _Ready:
    """A rule whose phrases are ready."""

    def __init__(self, rule: Rule, normalise: Callable[[str], str], rarity: Callable[[str], float]) -> None:
        self.alert = Alert(rule.code, rule.kind, rule.line)
        self.words, self._unless, self._before = (
            Phrases(part, normalise, rarity) for part in (rule.words, rule.unless, rule.before)
        )
        near = [phrase for phrase in rule.near if phrase != AGENCY]
        self.near = Phrases(near, normalise, rarity) if rule.near else None
        self._agency = AGENCY in rule.near
        self._close = frozenset(self.near.anchors if self.near else ())
        wide = rule.kind == "not-a-complaint"
        self._reach = (EVERYWHERE, EVERYWHERE) if wide else (NEAR, UNLESS)
        self._forbidden = {word for word, tails in self._unless.tails.items() if () in tails} if wide else set[str]()

    def possible(self, words: Sequence[str]) -> bool:
        """Tell quickly whether words, one of the rule's own among them, may meet it."""
        if self._forbidden and not self._forbidden.isdisjoint(words):
            return False
        return self.near is None or self._agency or not self._close.isdisjoint(words)

    def met(self, words: Sequence[str], name: Callable[[], Phrases]) -> bool:
        """Tell whether words, masks left out, meet the rule; `name`: how the body that answers is named."""
        return any(self._holds(words, start, end, name) for start, end in self.words.spans(words, 0, len(words)))

    def _holds(self, words: Sequence[str], start: int, end: int, name: Callable[[], Phrases]) -> bool:
        """Tell whether the rule is met by its own words at words[start:end]."""
        near, unless = self._reach
        if self._before.begin_in(words, start - BEFORE, start):
            return False
        if self._unless.begin_in(words, start - unless, end + unless):
            return False
        if self.near is None or self.near.begin_in(words, start - near, end + near):
            return True
        return self._agency and name().begin_in(words, start - near, end + near)


class Alerts:
    """The rules, ready to be met; made once, then only read. `rarity` of a word only decides how fast they are.

    `anchors`: a text without any of these words meets no rule.
    """

    def __init__(
        self, rules: AlertRules, normalise: Callable[[str], str], rarity: Callable[[str], float] = len
    ) -> None:
        self._normalise = normalise
        self._rules = [_Ready(rule, normalise, rarity) for rule in rules.rules]
        self._by_anchor: dict[str, list[tuple[int, tuple[str, ...]]]] = {}
        for number, rule in enumerate(self._rules):
            for anchor, others in rule.words.anchors.items():
                self._by_anchor.setdefault(anchor, []).extend(
                    (number, tuple(sorted(needed, key=rarity, reverse=True))) for needed in others
                )
        self.anchors = frozenset(self._by_anchor)
        polite = [word for phrase in rules.courtesies for word in phrase.split()]
        self._courtesies = Phrases(polite, normalise).tails.keys() | _MASKS
        self._named = lru_cache(1024)(self._names)

    def __call__(self, words: Sequence[str], seen: Set[str], agency: str = "") -> list[Alert]:
        """Return what normalised words give reason for, in the order of the rules.

        `seen`: those of the words that are `anchors`, and maybe others. `agency`: the name of the body that answers.
        """
        anchors = self.anchors & seen
        found = self._met(anchors, words, agency) if anchors else []
        if all(map(self._courtesies.__contains__, words)):
            found.append(Alert(COURTESY, "not-a-complaint", ""))
        return found

    def _met(self, anchors: Set[str], words: Sequence[str], agency: str) -> list[Alert]:
        numbers = {
            number
            for anchor in anchors
            for number, others in self._by_anchor[anchor]
            if not others or (others[0] in words and all(word in words for word in others))  # rejects most by one look
        }
        possible = [rule for number in sorted(numbers) if (rule := self._rules[number]).possible(words)]
        if not possible:
            return []
        plain, name = [word for word in words if word not in _MASKS], partial(self._named, agency)
        return [rule.alert for rule in possible if rule.met(plain, name)]

    def _names(self, agency: str) -> Phrases:
        """Return how people name a body: its first two words, without those of its legal form."""
        return Phrases([" ".join([word for word in self._normalise(agency).split() if word not in _FORMAL][:2])], str)


def _thawed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
