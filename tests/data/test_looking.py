from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from headstart.core.errors import OptionError
from headstart.core.modality import NOUNS
from headstart.data.looking import SCANS, UNLABELLED, look_at
from headstart.data.reader import ReadOptions
from headstart.data.reading import read


def test_every_kind_of_item_is_looked_at_and_read() -> None:
    assert set(SCANS) == set(UNLABELLED) == set(NOUNS)


def test_items_are_looked_at_by_what_they_are() -> None:
    pictures, _ = look_at(read((np.zeros((2, 4, 4, 3), np.uint8), ["a", "b"]), ReadOptions()))
    texts, facts = look_at(read((["one", "two"], ["a", "b"]), ReadOptions()))
    assert (pictures.modality, texts.modality) == ("image", "text")
    assert len(facts) == len(texts) == 2


def test_words_of_a_command_are_paths_of_pictures_or_texts(tmp_path: Path) -> None:
    assert UNLABELLED["image"].arguments(["a b"]) == [Path("a b")]
    assert UNLABELLED["text"].arguments(["a b", str(tmp_path)]) == ["a b", tmp_path]


def test_columns_of_texts_are_not_for_pictures() -> None:
    with pytest.raises(OptionError, match="--text-pair-column is for models of texts"):
        UNLABELLED["image"].column([], ReadOptions(text_pair="b"))


def test_columns_of_pictures_are_not_for_texts() -> None:
    with pytest.raises(OptionError, match="--image-column and --image-folder are for models of pictures; the run is"):
        UNLABELLED["text"].column(["a"], ReadOptions(image="b", image_folder="c"))
