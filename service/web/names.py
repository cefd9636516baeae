"""What the codes of topics, agencies, places and kinds are called."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from classifier.agencies import AgencyTable
from classifier.errors import InputError
from classifier.records import Label, Target
from data.complaints import JAKARTA
from service.live_model import LiveModel


class Names:
    """Names by the model that serves and by the reference; a code that neither knows is its own name."""

    def __init__(self, live: LiveModel, table: AgencyTable, topics: Sequence[Label]) -> None:
        self._live, self._table, self._topics = live, table, _by_code(topics)
        self._model = ""
        self._labels: Mapping[Target, Mapping[str, str]] = {}

    def topic(self, code: str | None) -> str:
        """Return the name of a topic."""
        return self._label("topic", code)

    def kind(self, code: str | None) -> str:
        """Return the name of a kind."""
        return self._label("kind", code)

    def agency(self, code: str | None) -> str:
        """Return the name of an agency, as it is called today."""
        named = self._label("agency", code)
        if not code or named != code:
            return named
        try:
            return self._table.body(code, datetime.now(JAKARTA).date()).name
        except InputError:
            return code

    def place(self, code: str | None) -> str:
        """Return the name of a place."""
        found = self._table.places.get(code) if code else None
        return found.name if found else code or ""

    def of(self, target: str, code: str | None) -> str:
        """Return the name of a code of that target."""
        named = {"topic": self.topic, "agency": self.agency, "place": self.place, "kind": self.kind}
        return named[target](code)

    def _label(self, target: Target, code: str | None) -> str:
        classifier = self._live.current.classifier
        if classifier.id != self._model:
            self._labels = {
                "topic": self._topics | _by_code(classifier.topics),
                "agency": _by_code(classifier.agencies),
                "kind": _by_code(classifier.kinds),
            }
            self._model = classifier.id
        return self._labels[target].get(code or "", code or "")


def _by_code(labels: Sequence[Label]) -> dict[str, str]:
    return {label.code: label.name for label in labels}
