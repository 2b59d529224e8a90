from __future__ import annotations

import io
from pathlib import Path

import datasets
import pytest
from PIL import Image

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.data.huggingface_rows import rows_to_dataset
from headstart.data.reader import ReadOptions
from tests.data.hub_rows import CLASSES, picture_rows
from tests.data.pictures import items_of, labels_of, picture_bytes, write_pictures


def read(rows: object, options: ReadOptions | None = None) -> Dataset:
    return rows_to_dataset(rows, options or ReadOptions(), place="rows")


def test_shuffled_and_filtered_rows_keep_pictures_and_labels_together() -> None:
    source = picture_rows([0, 1, 1, 0, 1]).select([4, 0, 2, 3]).filter(lambda row: row["label"] == 1)
    dataset = read(source)
    assert labels_of(dataset) == ["ant", "ant"]
    assert [dataset.inputs.read(index) for index in range(2)] == [picture_bytes(4), picture_bytes(2)]


def test_text_labels_and_missing_ones() -> None:
    dataset = read(picture_rows(["b", None, "a10", "a9"], datasets.Value("string")))
    assert dataset.labels == ("a9", "a10", "b")
    assert labels_of(dataset) == ["b", "a10", "a9"]
    assert items_of(dataset.ledger, "has no label") == ("row 1",)


def test_lists_of_labels_are_multi_label_data() -> None:
    numbers = read(picture_rows([[0, 1], [], [1], [-1]], datasets.List(CLASSES)))
    assert numbers.labels == ("zebra", "ant")
    assert labels_of(numbers) == [("zebra", "ant"), (), ("ant",)]
    assert items_of(numbers.ledger, "hidden") == ("row 3",)
    texts = read(picture_rows([["x", "y"], ["y"]], datasets.List(datasets.Value("string"))))
    assert labels_of(texts) == [("x", "y"), ("y",)]


def test_columns_are_found_by_their_features_or_given() -> None:
    source = picture_rows([0, 1], CLASSES, patient=["p", "q"], domain=["d", "d"], kind=["k1", "k2"])
    source = source.rename_columns({"image": "scan", "label": "finding"})
    dataset = read(source)
    assert labels_of(dataset) == ["zebra", "ant"]
    assert dataset.group_names == ("p", "q")
    assert dataset.domain_names == ("d",)
    assert labels_of(read(source, ReadOptions(label="kind"))) == ["k1", "k2"]
    with pytest.raises(DataError, match="has no column 'kinds'"):
        read(source, ReadOptions(label="kinds"))


def test_several_columns_of_zero_and_one() -> None:
    source = picture_rows([0, 1], CLASSES, a=["1", "0"], b=["1", "1"])
    assert labels_of(read(source, ReadOptions(label=("a", "b")))) == [("a", "b"), ("b",)]


def test_pictures_that_are_files_are_read_from_there(tmp_path: Path) -> None:
    write_pictures(tmp_path, "x.png", "y.png")
    files = [str(tmp_path / "x.png"), str(tmp_path / "y.png")]
    source = datasets.Dataset.from_dict({"image": files, "label": ["x", "y"]}).cast_column("image", datasets.Image())
    dataset = read(source)
    assert dataset.inputs.read(1) == (tmp_path / "y.png").read_bytes()
    stamp = dataset.inputs.stamp(1)
    assert stamp is not None
    assert stamp.path == files[1]


def test_pictures_decode() -> None:
    dataset = read(picture_rows([0, 1]))
    assert Image.open(io.BytesIO(dataset.inputs.read(0))).size == (4, 4)


def test_texts_by_the_names_of_columns() -> None:
    import datasets

    rows = datasets.Dataset.from_dict(
        {"sentence": ["good", "", "bad", "odd"], "label": [1, 0, 0, -1]},
        features=datasets.Features(
            {"sentence": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
        ),
    )
    dataset = rows_to_dataset(rows.select([2, 0, 1, 3]), ReadOptions(), place="hub")
    assert dataset.task == "text-classification"
    assert [dataset.inputs.read(index) for index in range(len(dataset))] == ["bad", "good"]
    assert dataset.targets.tolist() == [0, 1]
    assert {line.reason: line.items for line in dataset.ledger.lines} == {
        "has no text": ("row 3",),
        "its label is hidden (-1)": ("row 4",),
    }


def test_pairs_of_texts_in_columns_that_are_named() -> None:
    import datasets

    rows = datasets.Dataset.from_dict({"first": ["a", "b"], "second": ["c", "d"], "kind": ["x", "y"]})
    dataset = rows_to_dataset(rows, ReadOptions(text="first", text_pair="second", label="kind"), place="hub")
    assert [dataset.inputs.read(index) for index in range(len(dataset))] == [("a", "c"), ("b", "d")]


def test_a_column_may_say_the_part() -> None:
    rows = {"text": ["a", "b", "c", "d"], "label": ["x", "y", "x", "y"], "fold": ["train", "train", "test", "test"]}
    dataset = read(datasets.Dataset.from_dict(rows), ReadOptions(split="fold"))
    assert dataset.given_parts == ("train", "test")
    assert [dataset.inputs.read(int(index)) for index in dataset.indices(Part.TEST)] == ["c", "d"]
    usual = datasets.Dataset.from_dict(rows).rename_column("fold", "split")
    assert read(usual).given_parts == ("train", "test")
    assert rows_to_dataset(usual, ReadOptions(), place="train", split=True).given_parts == ()


def test_words_and_tags_in_columns_that_are_named() -> None:
    rows = {"chars": [["a", "b"], ["c", "d"]], "ents": [["B-X", "O"], ["O", "O"]], "fold": ["train", "test"]}
    dataset = read(datasets.Dataset.from_dict(rows), ReadOptions(text="chars", label="ents", split="fold"))
    assert (dataset.task, dataset.labels) == ("token-classification", ("X",))
    assert dataset.given_parts == ("train", "test")
