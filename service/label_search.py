"""Finds labels by what people call them."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query as QueryParameter

from classifier.records import Label

Query = Annotated[str, QueryParameter(max_length=200, description="Words that the code, name or group must hold.")]
Limit = Annotated[int, QueryParameter(ge=1, le=10_000, description="At most so many.")]


def search(labels: Sequence[Label], query: str) -> list[Label]:
    """Return the labels that hold every word of the query, in order of their code."""
    words = query.casefold().split()
    found = (label for label in labels if all(word in _searched(label) for word in words))
    return sorted(found, key=lambda label: label.code)


def _searched(label: Label) -> str:
    return f"{label.code} {label.name} {label.group}".casefold()
