"""Invented cases for the tests of evaluation."""

from datetime import datetime
from typing import Any

from classifier.records import Answer, Complaint, Label
from training.cases import Case


def case(
    gold: str | None = "a",
    *ranked: str,
    text: str = "lampu jalan padam",
    title: str = "",
    channel: str = "",
    date: datetime | None = None,
    place: str = "",
    routed: bool = False,
    probability: float = 0.9,
    visibility: Any = "public",
    row: int = 0,
) -> Case:
    """Return a case whose answers have the codes `ranked`, its gold code if none are given."""
    codes = ranked or (gold or "?",)
    answers = tuple(Answer(Label(code, code, code), probability / (at + 1)) for at, code in enumerate(codes))
    complaint = Complaint(str(row), text, title=title, channel=channel, date=date, visibility=visibility)
    return Case(row, complaint, (gold and Label(gold, gold, gold)) or None, answers, routed, place, paths=False)
