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

    `unseen` marks the rows that have such scores: those that neither model saw. `share` of them is the encoder's.
    """

    share: float

    tuned: Tuned
    encoder: Encoder
    scaled: Sequence[Floats]
    scales: Sequence[Floats]
    unseen: Mask

    @property
    def facts(self) -> Mapping[str, Any]:
        """How the encoder was made."""
        return {**self.tuned.facts, "share": self.share}


@dataclass(frozen=True, slots=True)
class FitEncoder:
    """The settings of an encoder, and what makes one of a lesson."""

    settings: EncoderSettings
    tune: Tune

    def fit(
        self, lesson: Lesson, scaled: Sequence[Floats], scales: Sequence[Floats], unseen: Mask, archetypes: Integers
    ) -> list[Beside]:
        """Make an encoder and blend its chances, by the network that serves, with scores of the rows in `unseen`.

        Returns one blend for each of the shares.
        """
        tuned = self.tune(lesson)
        encoder = encoder_of(tuned.files, self.settings.max_tokens)
        rows = unseen & lesson.unseen
        logits = encoder([lesson.texts[row] for row in np.flatnonzero(rows).tolist()])
        found = class_chances(logits, lesson.columns, archetypes)
        parts = [found[:, part] for part in lesson.columns.values()]
        linear = [one[rows[unseen]] for one in scaled]
        blends = []
        for share in self.settings.shares:
            rest, own = np.float32(1 - share), np.float32(share)
            mixed = [rest * one + own * part for one, part in zip(linear, parts, strict=True)]
            blends.append(Beside(share, tuned, encoder, mixed, [rest * scale for scale in scales], rows))
        return blends

    def part(self, beside: Beside, calibrations: tuple[Calibration, ...], policy: Policy) -> EncoderPart:
        """Return the encoder as a part of a classifier."""
        own = self.settings
        return EncoderPart(
            beside.encoder,
            beside.tuned.files,
            own.max_tokens,
            beside.share,
            own.deadline_seconds,
            calibrations,
            policy,
        )
