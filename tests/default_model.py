"""The classifier of the default bundle, fitted once a process."""

from functools import cache

from classifier.pipeline import Classifier
from data.alerts import read_alerts
from data.dataset import read_corpus
from data.lexicon import read_lexicon
from data.tables import read_taxonomy
from training.config import read_config
from training.fit import fit


@cache
def default_classifier() -> Classifier:
    """Return what learns from the corpus with the reviewed rules, as a bundle would bring it back."""
    fitted = fit(read_corpus(), read_taxonomy(), read_lexicon(), read_config("corpus"), alerts=read_alerts())
    return Classifier.from_state(fitted.classifier.state(), "golden")
