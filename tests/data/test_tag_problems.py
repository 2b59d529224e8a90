from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.core.errors import DataError
from headstart.data.sentences import Sentences, tagged_dataset
from headstart.data.tag_problems import check_entities, check_tags


def tagged(tags: str) -> Sentences:
    sentences = Sentences()
    words = tags.split()
    sentences.add("row 1", [f"w{place}" for place in range(len(words))], words)
    return sentences


def test_many_tags_that_are_none() -> None:
    sentences = tagged("B-X a1 a2 a3 a4 a5 a6 a7")
    with pytest.raises(DataError) as caught:
        check_tags(sentences, sentences.read(), place="t")
    assert len(caught.value.problems) == 6
    assert caught.value.problems[-1] == "Nor are 2 other tags of t."


def test_classes_of_words_are_no_entities() -> None:
    sentences = tagged("DT NN VB")
    with pytest.raises(DataError, match="classes of words"):
        check_tags(sentences, sentences.read(), place="t")
    fine = tagged("PER O LOC")
    check_tags(fine, fine.read(), place="t")


def test_there_has_to_be_an_entity() -> None:
    sentences = tagged("B-X O")
    dataset = tagged_dataset(sentences, sentences.read(), source="here")
    assert check_entities(dataset) is dataset
    with pytest.raises(DataError, match="No word of here is in an entity"):
        check_entities(replace(dataset, labels=()))
