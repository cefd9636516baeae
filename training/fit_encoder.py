"""How an encoder joins the linear model: the two blended, on rows that neither saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classifier.calibration import Calibration
from classifier.decision import Policy
from classifier.encoder import EncoderPart, class_chances, encoder_of
from classifier.features import Floats, Integers
from training.config import EncoderSettings
from training.lesson import Lesson, Tune, Tuned

ENCODER_STAGE = "Fine-tuning the encoder"


@dataclass(frozen=True, slots=True)
class FitEncoder:
    """The settings of an encoder, and what makes one of a lesson."""

    settings: EncoderSettings
    tune: Tune

    def beside(
        self, lesson: Lesson, tuned: Tuned, scaled: Sequence[Floats], scales: Sequence[Floats], archetypes: Integers
    ) -> tuple[list[Floats], list[Floats]]:
        """Return the scores of both together and the scales of the linear ones in them; by target, as they came.

        Only the unseen rows of the lesson are scored, by the network that serves; the others keep the linear part.
        """
        share = np.float32(self.settings.share)
        rows = np.flatnonzero(lesson.unseen)
        encoder = encoder_of(tuned.files, self.settings.max_tokens)
        found = share * class_chances(encoder([lesson.texts[row] for row in rows.tolist()]), lesson.columns, archetypes)
        mixed = [(1 - share) * one for one in scaled]
        for one, part in zip(mixed, lesson.columns.values(), strict=True):
            one[rows] += found[:, part]
        return mixed, [(1 - share) * scale for scale in scales]

    def part(self, tuned: Tuned, calibrations: tuple[Calibration, ...], policy: Policy) -> EncoderPart:
        """Return the encoder as a part of a classifier."""
        settings = self.settings
        return EncoderPart(
            encoder_of(tuned.files, settings.max_tokens),
            tuned.files,
            settings.max_tokens,
            settings.share,
            settings.deadline_seconds,
            calibrations,
            policy,
        )
