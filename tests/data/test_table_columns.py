from __future__ import annotations

import pytest

from headstart.core.errors import DataError
from headstart.data.reader import ReadOptions
from headstart.data.table_columns import ALIASES, find_columns, recognised


@pytest.mark.parametrize("name", ALIASES["image"])
@pytest.mark.parametrize("label", ALIASES["label"])
def test_common_names_are_recognised(name: str, label: str) -> None:
    columns = find_columns(["x", label.upper(), name], ReadOptions(), place="t.csv")
    assert (columns.input, columns.label) == (name, (label.upper(),))
    assert columns.events == ()
    assert columns.others(["x", label.upper(), name]) == ["x"]


def test_extra_columns_are_recognised() -> None:
    names = ["path", "class", "Patient", "domain", "Split", "age"]
    columns = find_columns(names, ReadOptions(), place="t.csv")
    assert (columns.group, columns.domain, columns.split) == ("Patient", "domain", "Split")
    assert columns.others(names) == ["age"]


def test_names_can_be_given() -> None:
    options = ReadOptions(image="photo", label="Kind", group="owner", domain="site", split="fold")
    columns = find_columns(["PHOTO", "kind", "Kind", "owner", "site", "fold", "label"], options, place="t.csv")
    assert (columns.input, columns.label) == ("PHOTO", ("Kind",))
    assert (columns.group, columns.domain, columns.split) == ("owner", "site", "fold")


def test_several_label_columns_can_be_given() -> None:
    columns = find_columns(["image", "a", "b"], ReadOptions(label=("a", "b")), place="t.csv")
    assert columns.label == ("a", "b")


def test_the_column_that_is_not_used_is_noted() -> None:
    columns = find_columns(["file_name", "path", "label", "target"], ReadOptions(), place="t.csv")
    assert columns.input == "path"
    assert columns.events == (
        ("noted", "'path' is taken as the image column and 'file_name' is not used", "t.csv"),
        ("noted", "'label' is taken as the label column and 'target' is not used", "t.csv"),
    )


def test_every_wrong_name_is_reported_at_once() -> None:
    options = ReadOptions(image="imagee", label=("one", "two"), group="patients")
    with pytest.raises(DataError) as error:
        find_columns(["image", "two", "patient"], options, place="t.csv")
    assert error.value.problems == (
        "t.csv has no column 'imagee': it has image, two, patient. Did you mean 'image'?",
        "t.csv has no column 'patients': it has image, two, patient. Did you mean 'patient'?",
        "t.csv has no column 'one': it has image, two, patient.",
    )


def test_no_column_of_pictures_is_an_error_and_no_labels_are_not() -> None:
    with pytest.raises(DataError, match=r"t\.csv has no column of pictures: it has text, label\."):
        find_columns(["text", "label"], ReadOptions(), place="t.csv")
    assert find_columns(["image"], ReadOptions(), place="t.csv").label == ()


def test_a_table_without_known_names_may_hold_pictures_or_texts() -> None:
    with pytest.raises(DataError) as pictures:
        find_columns(["was", "wie"], ReadOptions(), place="t.csv")
    for said in ("--image-column", "--text-column", "file_name", "sentence"):
        assert said in pictures.value.hint
    with pytest.raises(DataError) as texts:
        find_columns(["was", "wie"], ReadOptions(), place="t.csv", modality="text")
    assert "--text-column" in texts.value.hint
    assert "--image-column" not in texts.value.hint


def test_the_first_alias_wins() -> None:
    assert recognised("image", ["file", "Image", "path"]) == "Image"
    assert recognised("image", ["text"]) is None
