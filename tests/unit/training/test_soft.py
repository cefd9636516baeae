import numpy as np
import toy
from scipy import sparse

from classifier.records import Complaint
from training.config import read_config
from training.distil import ask
from training.fit import fit
from training.soft import LEAST, Taught, sure_enough


def test_only_what_a_teacher_holds_likely_is_taught() -> None:
    found = sure_enough(np.array([[1.2, LEAST / 2, 0.3], [-0.4, 0.0, LEAST]], np.float32))
    assert (found.toarray() == np.array([[1, 0, 0.3], [0, 0, LEAST]], np.float32)).all()
    assert found.nnz == 3


def test_a_pupil_learns_a_word_that_only_its_teacher_knows() -> None:
    texts = [f"Gorong-gorong nomor {number} di Kampung Uji mampet" for number in range(12)]
    unlabelled = [Complaint(f"lain-{at}", text) for at, text in enumerate(texts)]
    teacher = ask(toy.classifier(), unlabelled)
    lamps = [label.code for label in teacher.labels["topic"]].index(toy.LAMPS)
    told = np.zeros((len(texts), len(teacher.labels["topic"])), np.float32)
    told[:, lamps] = 1
    taught = Taught(teacher.rows, {"topic": teacher.labels["topic"]}, {"topic": sparse.csr_array(told)})
    pupil = fit(toy.complaints(), toy.taxonomy(), toy.LEXICON, read_config("linear"), taught=taught)
    asked = Complaint("tanya", "Gorong-gorong mampet")
    assert pupil.classifier.classify([asked])[0].topic[0].label.name == toy.LAMPS
    assert toy.classifier().classify([asked])[0].topic[0].label.name != toy.LAMPS
    assert pupil.corpus_rows == 0
    assert len(pupil.complaints) == len(toy.complaints()) + len(texts)


def test_what_was_taught_tells_nothing_of_how_far_to_trust() -> None:
    rows = [Complaint(f"lain-{at}", f"{one.text} lagi") for at, one in enumerate(toy.complaints())]
    pupil = fit(
        toy.complaints(), toy.taxonomy(), toy.LEXICON, read_config("linear"), taught=ask(toy.classifier(), rows)
    )
    assert pupil.facts["topic"].unseen_rows == toy.fitted().facts["topic"].unseen_rows
    assert pupil.facts["agency"].rows == toy.fitted().facts["agency"].rows
