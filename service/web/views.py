"""What a reviewer sees of one report: its text in pieces, the choices with their keys, the reasons in sentences."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from service.web import words

TOPIC_KEYS, AGENCY_KEYS = "12345", "ASDFG"
MASK = re.compile("<(?:NIK|TELEPON|EMAIL|NOMOR|URL)>")

Speaks = Literal["", "topic", "agency", "both", "mask"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text and what it spoke for; "mask" where a personal number was."""

    text: str
    speaks: Speaks = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A label that may be chosen, with the key that chooses it; `chance` is None where no model spoke."""

    code: str
    name: str
    group: str = ""
    key: str = ""
    chance: float | None = None

    @property
    def says(self) -> str:
        """The chance in words, "" where there is none."""
        return "" if self.chance is None else words.chance(self.chance)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the model suggests for a report, best first, and why a person is asked."""

    topics: Sequence[Choice]
    agencies: Sequence[Choice]
    places: Sequence[Choice]
    kind: Choice | None
    reasons: Sequence[str]
    lines: Sequence[tuple[str, str]]
    urgent: bool
    several: bool
    model: str


def suggestion(answer: Mapping[str, Any]) -> Suggestion:
    """Read the JSON of a prediction."""
    codes, notes = answer["decision"]["reasons"], answer.get("notes", ())
    lines = [note.removeprefix("emergency-") for note in notes if note.startswith("emergency-")]
    urgent = "urgent" in codes
    sentences = [words.REASONS.get(code, code) for code in codes]
    sentences += [words.NOTES[note] for note in notes if note in words.NOTES and note not in codes]
    kind = answer.get("kind")
    return Suggestion(
        topics=_choices(answer.get("topic"), TOPIC_KEYS),
        agencies=_choices(answer.get("agency"), AGENCY_KEYS),
        places=_choices(answer.get("place"), ""),
        kind=Choice(kind["code"], kind["name"], chance=kind["probability"]) if kind else None,
        reasons=list(dict.fromkeys(sentences)),
        lines=[(line, words.LINES.get(line, "")) for line in lines or (["112"] if urgent else [])],
        urgent=urgent,
        several="several-matters" in codes,
        model=answer["model"],
    )


def pieces(written: str, evidence: Iterable[Mapping[str, Any]]) -> list[Piece]:
    """Cut a text at the ends of its evidence and of its masks."""
    speaks: list[set[str]] = [set() for _ in written]
    for span in evidence:
        for at in range(max(span["start"], 0), min(span["end"], len(written))):
            speaks[at].add(span["for"])
    for mask in MASK.finditer(written):
        speaks[mask.start() : mask.end()] = [{"mask"}] * len(mask[0])
    cut: list[Piece] = []
    start = 0
    for at in range(1, len(written) + 1):
        if at == len(written) or speaks[at] != speaks[start]:
            cut.append(Piece(written[start:at], _speaks(speaks[start])))
            start = at
    return cut


def excerpt(title: str | None, text: str | None, most: int = 140) -> str:
    """Return the beginning of a report in one line, "" where its text was erased."""
    line = " ".join(" – ".join(part for part in (title, text) if part).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _speaks(targets: set[str]) -> Speaks:
    if "mask" in targets:
        return "mask"
    if {"topic", "agency"} <= targets:
        return "both"
    return "topic" if "topic" in targets else "agency" if "agency" in targets else ""


def _choices(answer: Mapping[str, Any] | None, keys: str) -> list[Choice]:
    """Return the answers, best first; a main topic is named where it is not that of the answer before."""
    if not answer:
        return []
    ranked = [answer, *answer["alternatives"]]
    mains = ["", *(one.get("main", "") for one in ranked)]
    return [
        Choice(
            one["code"],
            one["name"],
            main if main not in (mains[at], one["name"]) else "",
            keys[at : at + 1],
            one["probability"],
        )
        for at, (one, main) in enumerate(zip(ranked, mains[1:], strict=True))
    ]
