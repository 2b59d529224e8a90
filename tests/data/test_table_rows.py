from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Dataset, Part
from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.table_columns import find_columns
from headstart.data.table_file import read_table_file
from headstart.data.table_rows import labels_of as targets_of
from headstart.data.table_rows import rows_to_dataset
from tests.data.pictures import items_of, labels_of, names_of, reasons, write_pictures


def read(path: Path, options: ReadOptions | None = None) -> Dataset:
    options = options or ReadOptions()
    table = read_table_file(path)
    columns = find_columns(list(table.columns), options, place=path.name)
    labelled = targets_of(table, columns, options)
    assert labelled is not None
    return rows_to_dataset(table, columns, labelled, options)


def table(folder: Path, *rows: str) -> Path:
    path = folder / "t.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_all_columns_are_used(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    path = table(
        tmp_path, "image,label,patient,domain,split", "c.jpg,x,p2,day,test", "a.jpg,y,p1,night,train", "b.jpg,x,p2,,val"
    )
    dataset = read(path)
    assert names_of(dataset) == ["c.jpg", "a.jpg", "b.jpg"]
    assert labels_of(dataset) == ["x", "y", "x"]
    assert dataset.groups is not None
    assert [dataset.group_names[group] for group in dataset.groups] == ["p2", "p1", "p2"]
    assert dataset.domains is not None
    assert [dataset.domain_names[domain] for domain in dataset.domains] == ["day", "night", "(none)"]
    assert dataset.parts.tolist() == [Part.TEST, Part.TRAIN, Part.VALIDATION]
    assert dataset.given_parts == ("train", "val", "test")
    assert dataset.ledger.lines == ()


def test_other_names_of_parts_can_be_given(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg")
    path = table(tmp_path, "image,label,split", "a.jpg,x,fit", "b.jpg,y,holdout")
    dataset = read(path, ReadOptions(split_names={"fit": "train", "holdout": "test"}))
    assert dataset.given_parts == ("train", "test")


def test_rows_that_cannot_be_used_are_in_the_ledger(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg")
    path = table(
        tmp_path,
        "image,label,group,split",
        "a.jpg,x,g,train",
        "gone.jpg,x,,train",
        "b.jpg,,,train",
        ",x,,train",
        "c.jpg,y,,train",
        "d.jpg,y,g,",
        "e.jpg,y,g,test,surplus",
    )
    dataset = read(path)
    assert names_of(dataset) == ["a.jpg", "c.jpg"]
    assert reasons(dataset.ledger) == {
        "skipped: has 5 columns where 4 are named": ("line 8 of t.csv",),
        "skipped: named in t.csv, but there is no such file": ("gone.jpg",),
        "skipped: names no picture": ("row 4 of t.csv",),
        "skipped: has no label": ("b.jpg",),
        "noted: no group is given: it is taken as a group of its own": ("c.jpg",),
        "skipped: belongs to no part of the split": ("d.jpg",),
    }


def test_a_file_that_several_rows_name_is_reported(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg", "c.jpg")
    path = table(tmp_path, "image,label", "a.jpg,x", "b.jpg,x", "a.jpg,y", "b.jpg,x", "c.jpg,y")
    dataset = read(path)
    assert len(dataset) == 5
    assert items_of(dataset.ledger, "with different labels") == ("a.jpg",)
    assert items_of(dataset.ledger, "with the same label") == ("b.jpg",)


def test_rows_of_one_file_are_united_where_several_labels_are_allowed(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg")
    path = table(tmp_path, "image,label,group", "b.jpg,x,g1", "a.jpg,x,g2", "b.jpg,y,g1")
    dataset = read(path, ReadOptions(multi_label=True))
    assert names_of(dataset) == ["b.jpg", "a.jpg"]
    assert labels_of(dataset) == [("x", "y"), ("x",)]
    assert dataset.groups is not None
    assert [dataset.group_names[group] for group in dataset.groups] == ["g1", "g2"]
    assert items_of(dataset.ledger, "taken together") == ("b.jpg",)


def test_columns_of_zero_and_one_are_found_beside_the_others(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg", "b.jpg")
    path = table(tmp_path, "image,patient,age,cat,dog", "a.jpg,1,40,1,1", "b.jpg,0,50,0,1")
    dataset = read(path)
    assert dataset.multi_label
    assert dataset.labels == ("cat", "dog")
    assert labels_of(dataset) == [("cat", "dog"), ("dog",)]


def test_one_column_of_zero_and_one_is_no_label_by_itself(tmp_path: Path) -> None:
    path = table(tmp_path, "image,flag", "a.jpg,1")
    options = ReadOptions()
    rows = read_table_file(path)
    assert targets_of(rows, find_columns(list(rows.columns), options, place="t.csv"), options) is None


def test_lists_are_no_groups(tmp_path: Path) -> None:
    write_pictures(tmp_path, "a.jpg")
    path = tmp_path / "t.jsonl"
    path.write_text('{"image": "a.jpg", "label": "x", "group": ["g"]}\n')
    with pytest.raises(DataError, match="Column 'group' of t.jsonl holds lists"):
        read(path)


def test_relative_paths_may_start_elsewhere(tmp_path: Path) -> None:
    write_pictures(tmp_path, "photos/a.jpg")
    (tmp_path / "tables").mkdir()
    path = table(tmp_path / "tables", "image,label", "a.jpg,x")
    dataset = read(path, ReadOptions(image_folder=str(tmp_path / "photos")))
    assert dataset.inputs.read(0) == (tmp_path / "photos" / "a.jpg").read_bytes()
