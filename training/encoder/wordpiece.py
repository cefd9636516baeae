"""Learns the word pieces of a small encoder of one's own."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from classifier.features import MIN_REPORTS

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>")
PREFIX = "##"  # of a piece that does not begin a word


def learn_wordpiece(texts: Sequence[str], size: int) -> bytes:
    """Return the tokenizer.json of at most `size` pieces; a piece stands in `MIN_REPORTS` reports at least.

    Every word of a report counts once in it, so that what a single person repeats becomes no piece. The same texts
    give the same pieces: the letters are numbered before the trainer meets them in an order of its own.
    """
    from tokenizers import Tokenizer, models, trainers

    cutter = _tokenizer({"[UNK]": 0})
    distinct = [sorted({word for word, _ in _words(cutter, text)}) for text in texts]
    reports = Counter(letter for words in distinct for letter in {letter for word in words for letter in word})
    letters = sorted(letter for letter, count in reports.items() if count >= MIN_REPORTS)
    first = [*SPECIAL, *letters, *(PREFIX + letter for letter in letters)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=max(size, len(first)),
        min_frequency=MIN_REPORTS,
        special_tokens=first,
        limit_alphabet=len(letters),
        show_progress=False,
    )
    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    learner.pre_tokenizer = cutter.pre_tokenizer
    learner.train_from_iterator((" ".join(words) for words in distinct), trainer)
    content: str = _tokenizer(learner.get_vocab()).to_str()
    return content.encode()


def _tokenizer(vocabulary: Mapping[str, int]) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    found = Tokenizer(models.WordPiece(dict(vocabulary), unk_token="[UNK]"))  # noqa: S106
    found.normalizer = normalizers.BertNormalizer()
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    found.decoder = decoders.WordPiece()
    if set(SPECIAL) <= set(vocabulary):
        found.add_special_tokens(list(SPECIAL))
        ends = [(name, vocabulary[name]) for name in ("[CLS]", "[SEP]")]
        found.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return found


def _words(cutter: Any, text: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = cutter.pre_tokenizer.pre_tokenize_str(cutter.normalizer.normalize_str(text))
    return found
