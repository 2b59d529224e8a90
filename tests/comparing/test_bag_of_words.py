"""The arm that needs no network."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from headstart.comparing.arm import Bout
from headstart.comparing.bag_of_words import ARM
from headstart.comparing.running import entries_of
from headstart.core.dataset import Dataset, Part
from headstart.core.verdict import VerdictOptions
from headstart.data.text_columns import TextColumn
from headstart.data.text_scan import scan_texts
from tests.comparing.verdicts import verdict_of
from tests.encoders import sentences


def texts(*, several: bool = False) -> Dataset:
    """36 texts to learn from, 12 of them as validation, and 20 held out."""
    words, labels = sentences(56, seed=1)
    targets = np.array([label == "good" for label in labels], np.int32)
    parts = np.repeat([Part.TRAIN, Part.VALIDATION, Part.TEST], [24, 12, 20]).astype(np.int8)
    found = Dataset(
        task="text-classification",
        labels=("bad", "good"),
        inputs=TextColumn(pa.array(words, pa.large_string())),
        targets=np.stack([1 - targets, targets], axis=1).astype(np.uint8) if several else targets,
        parts=parts,
        source="made-up",
    )
    return scan_texts(found)[0]


def test_it_takes_part_for_texts_only() -> None:
    asked = VerdictOptions(model="m")
    assert "bag-of-words" not in [entry.name for entry in entries_of(asked, task="token-classification")]
    (entry,) = [entry for entry in entries_of(asked, task="text-classification") if entry.name == "bag-of-words"]
    assert (entry.role, entry.learns_from_validation) == ("other", True)


@pytest.mark.parametrize("several", [False, True])
def test_it_tells_texts_by_their_words(several: bool) -> None:
    dataset = texts(several=several)
    (entry,) = ARM.entries(VerdictOptions(model="m"))
    answer = ARM.answer(entry, Bout(dataset, seed=0, budget=10.0))
    held_out = dataset.part(Part.TEST)
    wanted = held_out.targets[:, 1] if several else held_out.targets
    assert answer.probabilities.shape == (20, 2)
    assert ((answer.probabilities[:, 1] > 0.5) == wanted).mean() >= 0.75
    assert (answer.facts.pretrained, answer.facts.steps) == (False, None)
    assert answer.facts.trained_parameters > 20


def test_held_out_texts_are_not_learnt_from() -> None:
    dataset = texts()
    (entry,) = ARM.entries(VerdictOptions(model="m"))
    bout = Bout(dataset, seed=0, budget=10.0)
    before = ARM.answer(entry, bout).probabilities
    dataset.targets[dataset.indices(Part.TEST)] = 0
    assert np.array_equal(ARM.answer(entry, bout).probabilities, before)


def test_a_network_that_words_beat_is_told_in_the_sentence() -> None:
    beaten = verdict_of({"transfer": 0.7, "bag-of-words": 0.95}, task="text-classification", items=400)
    assert "But a bag of words, which needs no network, beats the pretrained one: it gets 96 of 100" in beaten.sentence


def test_a_network_that_may_or_may_not_be_better_is_told_in_a_note() -> None:
    for reached, said in ((0.905, "more than the pretrained one"), (0.88, "is not sure")):
        close = verdict_of({"transfer": 0.895, "bag-of-words": reached}, task="text-classification", items=100)
        assert "bag of words" not in close.sentence
        assert any(note.startswith("A bag of words") and said in note for note in close.notes)


def test_a_network_that_is_better_needs_no_word() -> None:
    better = verdict_of({"transfer": 0.9, "bag-of-words": 0.5}, task="text-classification", items=400)
    assert not any("bag of words" in text for text in (better.sentence, *better.notes))
