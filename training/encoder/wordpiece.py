"""Learns the word pieces of a small encoder of one's own."""

from collections.abc import Sequence

from classifier.features import MIN_REPORTS

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<NIK>", "<TELEPON>", "<EMAIL>", "<NOMOR>")


def learn_wordpiece(texts: Sequence[str], size: int) -> bytes:
    """Return the tokenizer.json of at most `size` pieces; a piece stands in `MIN_REPORTS` reports at least.

    Every word of a report counts once in it, so that what a single person repeats becomes no piece.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

    found = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106
    found.normalizer = normalizers.BertNormalizer()
    found.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    found.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=MIN_REPORTS, special_tokens=list(SPECIAL), show_progress=False
    )
    found.train_from_iterator((" ".join(sorted(set(text.lower().split()))) for text in texts), trainer)
    first, last = (found.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    found.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", first), ("[SEP]", last)]
    )
    return found.to_str().encode()
