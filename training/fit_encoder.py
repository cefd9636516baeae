"""How an encoder joins the linear model: the two blended, on rows that neither saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classifier.calibration import Calibration
from classifier.decision import Policy
from classifier.encoder import Encoder, EncoderPart, class_chances, encoder_of
from classifier.features import Floats, Integers
from training.config import EncoderSettings
from training.lesson import Lesson, Mask, Tune, Tuned

ENCODER_STAGE = "Fine-tuning the encoder"


@dataclass(frozen=True, slots=True)
class Beside:
    """A tuned encoder, and the scores of both together with the scales of the linear ones in them, by target.

    `unseen` marks the rows that have such scores: those that neither model saw.
    """

    tuned: Tuned
    encoder: Encoder
    scaled: Sequence[Floats]
    scales: Sequence[Floats]
    unseen: Mask

    @property
    def facts(self) -> Mapping[str, Any]:
        """How the encoder was made."""
        return self.tuned.facts


@dataclass(frozen=True, slots=True)
class FitEncoder:
    """The settings of an encoder, and what makes one of a lesson."""

    settings: EncoderSettings
    tune: Tune

    def fit(
        self, lesson: Lesson, scaled: Sequence[Floats], scales: Sequence[Floats], unseen: Mask, archetypes: Integers
    ) -> Beside:
        """Make an encoder and blend its chances, by the network that serves, with scores of the rows in `unseen`."""
        tuned, share = self.tune(lesson), np.float32(self.settings.share)
        encoder = encoder_of(tuned.files, self.settings.max_tokens)
        rows = unseen & lesson.unseen
        logits = encoder([lesson.texts[row] for row in np.flatnonzero(rows).tolist()])
        found = share * class_chances(logits, lesson.columns, archetypes)
        mixed = [
            (1 - share) * one[rows[unseen]] + found[:, part]
            for one, part in zip(scaled, lesson.columns.values(), strict=True)
        ]
        return Beside(tuned, encoder, mixed, [(1 - share) * scale for scale in scales], rows)

    def part(self, beside: Beside, calibrations: tuple[Calibration, ...], policy: Policy) -> EncoderPart:
        """Return the encoder as a part of a classifier."""
        own = self.settings
        return EncoderPart(
            beside.encoder,
            beside.tuned.files,
            own.max_tokens,
            own.share,
            own.deadline_seconds,
            calibrations,
            policy,
        )
