"""Finds what a person must see in a complaint: danger to life, what is sensitive, what is no complaint.

Rules are reviewed reference data. They are matched on normalised words without the masks, so that case, spacing and
masked numbers change nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from typing import Any, Literal, NamedTuple, Self, get_args

AlertKind = Literal["urgent", "sensitive", "not-a-complaint"]
KINDS: tuple[AlertKind, ...] = get_args(AlertKind)
AGENCY = "@instansi"  # in `near`: the name of the agency that answers
COURTESY = "basa-basi"

GAP, GAP_WORDS = "..", 3  # a gap in a phrase, and the most words that it skips
NEAR, UNLESS, BEFORE, EVERYWHERE = 12, 8, 3, 1_000_000  # the reach, in words, of the columns of those names
_ENDINGS = ("", "nya", "lah", "kah", "pun")  # "apinya" is "api"
_MASKS = ("<nik>", "<telepon>", "<email>", "<nomor>", "<url>")
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
        return asdict(self)

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


class Phrases:
    """Phrases by their first word; an ending such as "-nya" may stand on the last word."""

    def __init__(self, phrases: Iterable[str], normalise: Callable[[str], str]) -> None:
        self.tails: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
        for phrase in phrases:
            parts = f" {GAP} ".join(normalise(part) for part in phrase.split(GAP)).split()
            for ending in _ENDINGS if parts else ():
                first, *tail = (*parts[:-1], parts[-1] + ending)
                self.tails[first].append(tuple(tail))

    def begin_in(self, words: Sequence[str], start: int, stop: int) -> bool:
        """Tell whether a phrase begins in words[start:stop]."""
        for at in range(max(0, start), min(len(words), stop)):
            if any(_end(words, at + 1, tail) for tail in self.tails.get(words[at], ())):
                return True
        return False


class _Ready:
    """A rule whose phrases are ready."""

    def __init__(self, rule: Rule, normalise: Callable[[str], str]) -> None:
        self.alert = Alert(rule.code, rule.kind, rule.line)
        self.words, self.unless, self.before = (Phrases(p, normalise) for p in (rule.words, rule.unless, rule.before))
        self.near = Phrases([phrase for phrase in rule.near if phrase != AGENCY], normalise) if rule.near else None
        self.agency = AGENCY in rule.near
        self.reach = (NEAR, UNLESS) if rule.kind != "not-a-complaint" else (EVERYWHERE, EVERYWHERE)

    def holds(self, words: Sequence[str], start: int, end: int, name: Callable[[], Phrases]) -> bool:
        """Tell whether the rule is met by its words at words[start:end]; `name`: how the body that answers is named."""
        near, unless = self.reach
        if self.before.begin_in(words, start - BEFORE, start) or self.unless.begin_in(
            words, start - unless, end + unless
        ):
            return False
        if self.near is None or self.near.begin_in(words, start - near, end + near):
            return True
        return self.agency and name().begin_in(words, start - near, end + near)


class Alerts:
    """The rules, ready to be met; made once, then only read."""

    def __init__(self, rules: AlertRules, normalise: Callable[[str], str]) -> None:
        self._normalise = normalise
        self._rules = [_Ready(rule, normalise) for rule in rules.rules]
        self._openers: defaultdict[str, list[tuple[int, tuple[str, ...]]]] = defaultdict(list)
        for number, rule in enumerate(self._rules):
            for first, tails in rule.words.tails.items():
                self._openers[first] += [(number, tail) for tail in tails]
        self._courtesies = (
            frozenset([*Phrases(rules.courtesies, normalise).tails, *_MASKS]) if rules.courtesies else None
        )
        self._named = lru_cache(1024)(self._names)

    def __call__(self, words: Sequence[str], agency: str = "") -> list[Alert]:
        """Return what normalised words give reason for, in the order of the rules; `agency`: the body that answers."""
        found = [] if self._openers.keys().isdisjoint(words) else self._met(words, agency)
        if self._courtesies and self._courtesies.issuperset(words):
            found.append(Alert(COURTESY, "not-a-complaint", ""))
        return found

    def _met(self, words: Sequence[str], agency: str) -> list[Alert]:
        plain, met = [word for word in words if word not in _MASKS], set[int]()
        for at, word in enumerate(plain):
            for number, tail in self._openers.get(word, ()):
                end = _end(plain, at + 1, tail) if number not in met else None
                if end and self._rules[number].holds(plain, at, end, partial(self._named, agency)):
                    met.add(number)
        return [self._rules[number].alert for number in sorted(met)]

    def _names(self, agency: str) -> Phrases:
        """Return how people name a body: its first two words, without those of its legal form."""
        return Phrases([" ".join([word for word in self._normalise(agency).split() if word not in _FORMAL][:2])], str)


def _end(words: Sequence[str], at: int, tail: Sequence[str]) -> int | None:
    """Return where a phrase ends whose rest is `tail`, if that stands at words[at:]; None if it doesn't."""
    for number, part in enumerate(tail):
        if part == GAP:
            rest = tail[number + 1 :]
            ends = (_end(words, at + skipped, rest) for skipped in range(GAP_WORDS + 1))
            return next((end for end in ends if end), None)
        if at >= len(words) or words[at] != part:
            return None
        at += 1
    return at


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
