from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.huggingface import READER
from headstart.data.reader import ReadOptions
from tests.data.hub_rows import picture_rows
from tests.data.pictures import items_of, labels_of, names_of, picture_bytes, write_pictures

DEFAULT = ReadOptions()


def test_a_data_set_in_memory_keeps_the_order_of_its_classes() -> None:
    source = picture_rows([0, 1, 1, 0])
    assert READER.sniff(source) == "it is a Dataset of the datasets library"
    dataset = READER.read(source, DEFAULT)
    assert dataset.labels == ("zebra", "ant")
    assert labels_of(dataset) == ["zebra", "ant", "ant", "zebra"]
    assert [dataset.inputs.read(index) for index in range(4)] == [picture_bytes(shade) for shade in range(4)]
    assert names_of(dataset) == ["row 0", "row 1", "row 2", "row 3"]
    assert set(dataset.parts) == {Part.UNASSIGNED}


def test_a_split_data_set_with_hidden_test_labels() -> None:
    source = datasets.DatasetDict(
        train=picture_rows([0, 1, 0]),
        validation=picture_rows([1, -1]),
        test=picture_rows([-1, -1]),
        other=picture_rows([0]),
    )
    dataset = READER.read(source, DEFAULT)
    assert dataset.given_parts == ("train", "validation")
    assert dataset.parts.tolist() == [Part.TRAIN] * 3 + [Part.VALIDATION]
    assert names_of(dataset) == ["train/row 0", "train/row 1", "train/row 2", "validation/row 0"]
    hidden = items_of(dataset.ledger, "its label is hidden (-1)")
    assert hidden == ("validation/row 1", "test/row 0", "test/row 1")
    assert items_of(dataset.ledger, "not train, validation or test") == ("other",)


def test_data_sets_without_pictures_or_labels() -> None:
    text = datasets.Dataset.from_dict({"image": ["a.jpg"], "label": ["x"]})
    with pytest.raises(DataError, match=r"Column 'image' of .* not pictures"):
        READER.read(text, DEFAULT)
    unlabelled = picture_rows([0]).remove_columns("label")
    with pytest.raises(DataError, match="has no column of labels: it has image"):
        READER.read(unlabelled, DEFAULT)
    with pytest.raises(DataError, match="without streaming"):
        READER.read(picture_rows([0]).to_iterable_dataset(), DEFAULT)
    with pytest.raises(DataError, match="has the splits a, b"):
        READER.read(datasets.DatasetDict(a=picture_rows([0]), b=picture_rows([1])), DEFAULT)


def test_other_names_of_splits_can_be_given() -> None:
    source = datasets.DatasetDict(fit=picture_rows([0, 1]), dev_matched=picture_rows([1]))
    dataset = READER.read(source, ReadOptions(split_names={"fit": "train", "dev_matched": "val"}))
    assert dataset.given_parts == ("train", "val")
    assert dataset.parts.tolist() == [Part.TRAIN, Part.TRAIN, Part.VALIDATION]
    with pytest.raises(DataError, match="to be called the same: fit, dev_matched"):
        READER.read(source, ReadOptions(split_names={"fit": "train", "dev_matched": "train"}))


def test_a_single_split_of_another_name_is_unsplit_data() -> None:
    assert READER.read(datasets.DatasetDict(all=picture_rows([0, 1])), DEFAULT).given_parts == ()


def test_a_split_whose_labels_are_all_hidden_is_no_data_at_all() -> None:
    dataset = READER.read(datasets.DatasetDict(test=picture_rows([-1, -1])), DEFAULT)
    assert len(dataset) == 0
    assert items_of(dataset.ledger, "hidden") == ("test/row 0", "test/row 1")


def test_a_saved_folder(tmp_path: Path) -> None:
    datasets.DatasetDict(train=picture_rows([0, 1]), test=picture_rows([1])).save_to_disk(tmp_path / "split")
    picture_rows([1, 0]).save_to_disk(tmp_path / "whole")
    assert READER.sniff(tmp_path / "split") == "it was saved by the datasets library"
    dataset = READER.read(tmp_path / "split", DEFAULT)
    assert dataset.given_parts == ("train", "test")
    assert labels_of(dataset) == ["zebra", "ant", "ant"]
    assert dataset.inputs.read(2) == picture_bytes(0)
    assert labels_of(READER.read(str(tmp_path / "whole"), DEFAULT)) == ["ant", "zebra"]


def test_parquet_with_pictures_inside(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    picture_rows([0, 1]).to_parquet(tmp_path / "data" / "train-00000-of-00001.parquet")
    picture_rows([1]).to_parquet(tmp_path / "data" / "test-00000-of-00001.parquet")
    assert READER.sniff(tmp_path) == "test-00000-of-00001.parquet holds pictures"
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train", "test")
    assert labels_of(dataset) == ["zebra", "ant", "ant"]
    single = tmp_path / "data" / "train-00000-of-00001.parquet"
    assert READER.sniff(single) is not None
    assert labels_of(READER.read(single, DEFAULT)) == ["zebra", "ant"]


def test_an_id_that_cannot_be_had_offline_says_so() -> None:
    for name in ("owner/no-such-data", "no_such_data"):
        assert READER.sniff(name) == "it looks like the id of a Hugging Face data set"
        with pytest.raises(DataError, match="no Hugging Face data set that can be had") as error:
            READER.read(name, DEFAULT)
        assert "--offline" in error.value.hint


def test_an_id_in_the_cache_is_used_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def load_dataset(name: str, /, **options: Any) -> Any:
        asked.append((name, options))
        return datasets.DatasetDict(train=picture_rows([0, 1]))

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    dataset = READER.read("owner/name", ReadOptions(configuration="small", revision="abc"))
    assert labels_of(dataset) == ["zebra", "ant"]
    assert dataset.source == "owner/name"
    assert asked == [("owner/name", {"name": "small", "revision": "abc"})]
    assert datasets.config.HF_HUB_OFFLINE


def test_what_is_no_data_set_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path, "photos/x/1.jpg")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    monkeypatch.chdir(tmp_path)
    for source in (tmp_path, "photos/roses", "a/b/c", "./x", "with space", "broken.parquet", 4, ("x", "y")):
        assert READER.sniff(source) is None, source


def test_a_broken_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(DataError, match="cannot be read by the datasets library"):
        READER.read(tmp_path, DEFAULT)
