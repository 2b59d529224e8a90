"""A tiny text encoder with random weights, made on the spot, and texts that it can tell apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

WORDS = ("good", "great", "fine", "bad", "poor", "dull", "film", "the", "a", "was", "and", "very", "plot", "so", "it")
PIECES = ("##s", "##ly", "##ed", ".", ",", "!")
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LENGTH = 16
KIND = {"good": ("good", "great", "fine"), "bad": ("bad", "poor", "dull")}


def write_encoder(folder: Path, *, seed: int = 0, layers: int = 3, **changes: object) -> Path:
    """A BERT of 3 layers and 16 features with a WordPiece vocabulary, in transformers' form."""
    import torch
    from transformers import BertConfig, BertModel

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = [
        *SPECIAL,
        *WORDS,
        *PIECES,
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    vocabulary = list(dict.fromkeys(vocabulary))
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n")
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": LENGTH})
    )
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=layers,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.3,
        **changes,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        BertModel(config).save_pretrained(folder)
    return folder


def sentences(count: int, *, seed: int = 0, longest: int = 8) -> tuple[list[str], list[str]]:
    """Different texts of 3 to `longest` words, and which of two kinds each is by the one word that tells."""
    generator = np.random.default_rng(seed)
    texts: dict[str, str] = {}
    while len(texts) < count:
        label = ("good", "bad")[len(texts) % 2]
        words = list(generator.choice(WORDS[6:], int(generator.integers(2, longest))))
        words.insert(int(generator.integers(0, len(words))), str(generator.choice(KIND[label])))
        texts.setdefault(" ".join(words), label)
    return list(texts), list(texts.values())


def write_table(path: Path, texts: list[str], labels: list[str]) -> Path:
    """A CSV with the columns text and label."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = "".join(f'"{text}",{label}\n' for text, label in zip(texts, labels, strict=True))
    path.write_text("text,label\n" + rows)
    return path


def tagged_sentences(count: int, *, seed: int = 0, longest: int = 8) -> list[tuple[list[str], list[str]]]:
    """Words and IOB2 tags of `count` different texts: `film` and `the plot` are things, words of praise moods."""
    generator = np.random.default_rng(seed)
    found: dict[tuple[str, ...], list[str]] = {}
    while len(found) < count:
        words: list[str] = []
        tags: list[str] = []
        for _ in range(int(generator.integers(3, longest))):
            kind = int(generator.integers(0, 5))
            words += (["film"], ["the", "plot"], ["good"], ["was"], ["so", "very"])[kind]
            tags += (["B-THING"], ["B-THING", "I-THING"], ["B-MOOD"], ["O"], ["O", "O"])[kind]
        found.setdefault(tuple(words), tags)
    return [(list(words), tags) for words, tags in found.items()]


def write_conll(path: Path, texts: list[tuple[list[str], list[str]]]) -> Path:
    """Columns of words and tags."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = ["".join(f"{word} {tag}\n" for word, tag in zip(*text, strict=True)) for text in texts]
    path.write_text("\n".join(blocks))
    return path
