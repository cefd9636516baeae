"""What an encoder reads of a text, and what its scores say of classes that exclude each other."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from classifier.encoder import HEAD, Reader, class_chances, encoder_of, written
from classifier.state import NETWORK, TOKENIZER

pytest.importorskip("tokenizers", reason="the encoder extra is not installed")

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *map(str, range(60))]


@pytest.fixture(scope="module")
def tokenizer() -> bytes:
    """Numbers are words of their own, from 4 on."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    made = Tokenizer(models.WordLevel({piece: at for at, piece in enumerate(PIECES)}, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return made.to_str().encode()


def test_special_tokens_stand_around_a_text(tokenizer: bytes) -> None:
    assert Reader(tokenizer, 16)(["0 1", ""]) == [[2, 4, 5, 3], [2, 3]]


def test_of_a_long_text_its_beginning_and_its_end_are_read(tokenizer: bytes) -> None:
    (read,) = Reader(tokenizer, 18)([" ".join(map(str, range(60)))])
    head = int(16 * HEAD)
    assert read == [2, *range(4, 4 + head), *range(64 - (16 - head), 64), 3]


def test_a_tokenizer_that_marks_no_ends_is_refused(tokenizer: bytes) -> None:
    plain = json.loads(tokenizer) | {"post_processor": None}
    with pytest.raises(ValueError, match="0 special tokens"):
        Reader(json.dumps(plain).encode(), 16)


def test_files_that_are_no_encoder_are_refused(tokenizer: bytes) -> None:
    pytest.importorskip("onnxruntime", reason="the encoder extra is not installed")
    with pytest.raises(ValueError, match=r"can't be read"):
        encoder_of({NETWORK: b"no network", TOKENIZER: tokenizer}, 16)
    with pytest.raises(ValueError, match=r"can't be read"):
        encoder_of({NETWORK: b"", TOKENIZER: b"{}"}, 16)


def test_the_region_comes_first() -> None:
    assert written("Judul", "Isi", "Kota Contoh") == "Kota Contoh\nJudul\nIsi"
    assert written("", "Isi", "") == "Isi"


@given(arrays(np.float32, (3, 7), elements=st.floats(-20, 20, width=32)))
def test_an_archetype_has_the_chances_of_its_bodies_as_well(logits: np.ndarray) -> None:
    columns = {"topic": slice(0, 3), "agency": slice(3, 7)}
    archetypes = np.array([0, 1, 0, 0], np.int32)  # the third and fourth are bodies of the first
    found = class_chances(logits, columns, archetypes)
    assert found[:, :3].sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert found[:, 3] + found[:, 4] == pytest.approx(1, abs=1e-5)
    assert (found[:, 3] >= found[:, 5] + found[:, 6] - 1e-6).all()
