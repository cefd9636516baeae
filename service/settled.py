"""Answers that people gave already: the same text from the same place gets what a person decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from classifier.agencies import AgencyTable
from classifier.decision import settled
from classifier.errors import InputError
from classifier.pipeline import Classifier
from classifier.records import ANSWERS, Answer, Complaint, Label, Prediction
from data.store.precedents import Alike, Precedent, likeness
from service.store_thread import StoreThread

CONTRADICTED = "precedents-contradict"  # the note on a text that people decided in two ways


class Settled:
    """Puts precedents in the place of a model's answers; one for the life of the service."""

    def __init__(self, store: StoreThread, table: AgencyTable) -> None:
        self._store, self._table = store, table

    async def __call__(
        self, classifier: Classifier, asked: Sequence[tuple[Complaint, Prediction]], today: date
    ) -> list[Prediction]:
        """Return the predictions in order, those with a precedent changed; the complaints are masked already."""
        alike = [_alike(complaint, prediction) for complaint, prediction in asked]
        found = await self._store.find_precedents([one for one in alike if one])
        return [
            self._changed(classifier, prediction, found[one], complaint.date.date() if complaint.date else today)
            if one in found
            else prediction
            for one, (complaint, prediction) in zip(alike, asked, strict=True)
        ]

    def _changed(self, classifier: Classifier, given: Prediction, said: Precedent, on: date) -> Prediction:
        topic = _known(classifier.topics, said.topic)
        agency = self._agency(classifier, said.agency, on)
        return replace(
            given,
            topic=_first(given.topic, topic, said.topic_times),
            agency=_first(given.agency, agency, said.agency_times),
            decision=settled(given.decision, topic=topic is not None, agency=agency is not None),
            evidence=tuple(one for one in given.evidence if not {"topic": topic, "agency": agency}[one.target]),
            notes=(*given.notes, *((CONTRADICTED,) if said.contradicted else ())),
        )

    def _agency(self, classifier: Classifier, code: str | None, on: date) -> Label | None:
        """Return the agency of a code if it exists on that day, or is one of the model's own."""
        if code is None:
            return None
        try:
            body = self._table.body(code, on)
        except InputError:
            return _known(classifier.agencies, code)
        return Label(body.id, body.name, body.archetype) if body.id == code and not body.reasons else None


def _alike(complaint: Complaint, prediction: Prediction) -> Alike | None:
    found = likeness(complaint.title, complaint.text)
    return (found, prediction.place[0].label.code) if found and prediction.place else None


def _known(labels: Sequence[Label], code: str | None) -> Label | None:
    return next((label for label in labels if label.code == code), None) if code else None


def _first(answers: tuple[Answer, ...], label: Label | None, times: int) -> tuple[Answer, ...]:
    """Put a label that people gave first; how sure it is follows Laplace's rule of succession, (n + 1) / (n + 2)."""
    if label is None:
        return answers
    others = [one for one in answers if one.label.code != label.code]
    return (Answer(label, (times + 1) / (times + 2)), *others)[:ANSWERS]
