from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.coco import READER, word_of
from headstart.data.reader import ReadOptions
from headstart.data.reading import choose_reader
from tests.data.boxes import boxes_of, coco, loaded, write_json, write_picture
from tests.data.pictures import items_of

ONE = [{"bbox": [4, 3, 10, 6]}]


def test_one_file_beside_its_pictures(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / name)
    file = write_json(tmp_path / "boxes.json", coco(["a.png", "b.png"], ONE, info={"year": 2020}, licenses=[]))
    for source in (file, tmp_path):
        assert choose_reader(source, ReadOptions())[0] is READER
        dataset = loaded(source)
        assert dataset.task == "object-detection"
        assert dataset.labels == ("cat", "dog")
        assert boxes_of(dataset) == {"a.png": [("cat", [4, 3, 14, 9])], "b.png": []}
        assert set(dataset.parts) == {Part.UNASSIGNED}
    assert items_of(dataset.ledger, "a class that no box is of") == ("dog",)


def test_the_folders_of_coco(tmp_path: Path) -> None:
    write_picture(tmp_path / "train2017" / "1.png")
    write_picture(tmp_path / "images" / "val2017" / "1.png", (30, 30))
    write_json(tmp_path / "annotations" / "instances_train2017.json", coco(["1.png"], ONE))
    other = coco(["1.png"], [{"bbox": [1, 1, 5, 5], "category_id": 2}])
    other["images"][0]["width"] = 30
    write_json(tmp_path / "annotations" / "instances_val2017.json", other)
    write_json(tmp_path / "annotations" / "captions_val2017.json", coco(["1.png"], [{"caption": "a dog"}]))
    dataset = loaded(tmp_path)
    assert dataset.given_parts == ("train", "val")
    assert boxes_of(dataset) == {
        "train2017/1.png": [("cat", [4, 3, 14, 9])],
        "images/val2017/1.png": [("dog", [1, 1, 6, 6])],
    }


def test_two_files_for_one_part_are_an_error(tmp_path: Path) -> None:
    write_picture(tmp_path / "images" / "1.png")
    for year in (2014, 2017):
        write_json(tmp_path / "annotations" / f"instances_train{year}.json", coco(["1.png"], ONE))
    with pytest.raises(DataError, match="instances_train2014.json and instances_train2017.json are all called train"):
        loaded(tmp_path)


def test_what_roboflow_exports(tmp_path: Path) -> None:
    categories = [
        {"id": 0, "name": "pets", "supercategory": "none"},
        {"id": 1, "name": "dog", "supercategory": "pets"},
        {"id": 2, "name": "cat", "supercategory": "pets"},
    ]
    for word in ("train", "valid", "test"):
        write_picture(tmp_path / word / f"{word}.png")
        write_json(tmp_path / word / "_annotations.coco.json", coco([f"{word}.png"], ONE, categories=categories))
    dataset = loaded(tmp_path)
    assert dataset.given_parts == ("train", "valid", "test")
    assert dataset.labels == ("dog", "cat"), "in the order of their ids"
    assert set(items_of(dataset.ledger, "above the others")) == {"pets"}


def test_classes_keep_the_order_of_ids_with_holes_and_from_zero(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    categories = [{"id": 7, "name": "ant"}, {"id": 0, "name": "zebra"}, {"id": 3, "name": "bee"}]
    boxes = [{"bbox": [1, 1, 5, 5], "category_id": 7}, {"bbox": [2, 2, 6, 6], "category_id": 0}]
    dataset = loaded(write_json(tmp_path / "x.json", coco(["a.png"], boxes, categories=categories)))
    assert dataset.labels == ("zebra", "bee", "ant")
    assert [label for label, _ in boxes_of(dataset)["a.png"]] == ["ant", "zebra"]


def test_outlines_stand_for_boxes_that_are_not_given(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    runs = {"size": [30, 40], "counts": [30 * 5 + 10, 4, 26, 4, 30 * 40 - 30 * 5 - 44]}
    boxes = [{"segmentation": [[1, 2, 8, 2, 8, 9]]}, {"segmentation": runs, "iscrowd": 1}]
    dataset = loaded(write_json(tmp_path / "x.json", coco(["a.png"], boxes)))
    assert boxes_of(dataset)["a.png"] == [("cat", [1, 2, 8, 9]), ("cat", [5, 10, 7, 14])]
    assert dataset.targets[0].ignored.tolist() == [False, True]
    assert len(items_of(dataset.ledger, "drawn around the outline")) == 2


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    boxes = [
        {"bbox": [1, 1, 5]},
        {"bbox": [1, 1, 5, "x"]},
        {"bbox": [1, 1, 5, 5], "category_id": 9},
        {"bbox": [1, 1, 5, 5], "image_id": 99},
        {},
        {"segmentation": {"size": [2, 2], "counts": [9]}},
    ]
    content = coco(["a.png", "a.png"], boxes)
    content["categories"] += [{"id": 1, "name": "bird"}, {"id": 5, "name": "dog"}, {"name": "x"}]
    with pytest.raises(DataError) as error:
        loaded(write_json(tmp_path / "x.json", content))
    assert len(error.value.problems) == 10, error.value.problems


def test_a_missing_picture_is_in_the_ledger(tmp_path: Path) -> None:
    names = ["a.png", "b.png", "gone.png"]
    for name in names[:2]:
        write_picture(tmp_path / "images" / name)
    dataset = loaded(write_json(tmp_path / "x.json", coco(names, ONE)))
    assert items_of(dataset.ledger, "there is no such file") == ("gone.png",)
    with pytest.raises(DataError, match="2 of the 2 pictures"):
        loaded(write_json(tmp_path / "y" / "x.json", coco(["q.png", "r.png"], ONE)))


@pytest.mark.parametrize("text", ["{", '{"images": []}', '{"images": [], "categories": 3, "annotations": []}'])
def test_what_is_not_in_the_form_says_so(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.json"
    file.write_text(text)
    with pytest.raises(DataError, match="JSON|has no list of"):
        READER.read(file, ReadOptions())


def test_other_json_is_not_taken(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", {"rows": []})
    write_json(tmp_path / "y.json", [1])
    assert READER.sniff(tmp_path / "x.json") is None
    assert READER.sniff(tmp_path) is None
    assert READER.sniff("name/of-a-dataset") is None


def test_the_word_for_a_part_is_found_in_a_name() -> None:
    names = ("instances_train2017", "val", "my-test", "training_data", "boxes", "trainer")
    assert [word_of(Path(f"{name}.json")) for name in names] == ["train", "val", "test", "training", "", ""]


def test_problems_of_files_and_of_boxes_are_told_at_once(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    boxes = [{"bbox": [1, 1, 5, 5], "category_id": 9}, {"bbox": [100, 100, 5, 5]}]
    with pytest.raises(DataError) as error:
        loaded(write_json(tmp_path / "x.json", coco(["a.png"], boxes)))
    assert error.value.problems == (
        "x.json: annotation 1 is of a category 9 that is not listed.",
        "a.png: annotation 2 lies outside its 40 x 30 pixels.",
    )


def test_problems_of_all_parts_are_told_at_once(tmp_path: Path) -> None:
    for word in ("train", "valid", "test"):
        write_json(tmp_path / word / "_annotations.coco.json", coco([f"{word}.png"], ONE if word != "test" else [{}]))
    with pytest.raises(DataError) as error:
        loaded(tmp_path)
    assert error.value.problems == (
        "test/_annotations.coco.json: annotation 1 of test.png has neither a bbox nor an outline.",
        "1 of the 1 pictures named in train/_annotations.coco.json do not exist: train.png",
        "1 of the 1 pictures named in valid/_annotations.coco.json do not exist: valid.png",
        "1 of the 1 pictures named in test/_annotations.coco.json do not exist: test.png",
    )
    assert "Relative paths start at" in error.value.hint


def test_of_many_problems_the_first_of_each_kind_are_told(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    boxes = [{"bbox": [1, 1, 5, 5], "category_id": 9}, {"bbox": [100, 100, 5, 5]}] * 60
    with pytest.raises(DataError) as error:
        loaded(write_json(tmp_path / "x.json", coco(["a.png"], boxes)))
    assert len(error.value.problems) == 102
    assert error.value.problems[50] == error.value.problems[101] == "And 10 more of this kind."


def test_a_picture_of_two_parts_is_an_error(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / "images" / name)
    write_json(tmp_path / "annotations" / "instances_train.json", coco(["a.png", "b.png"], ONE))
    write_json(tmp_path / "annotations" / "instances_val.json", coco(["./a.png"], ONE))
    with pytest.raises(DataError, match=r"^images/a\.png is in train and val\."):
        loaded(tmp_path)


def test_a_picture_that_is_listed_twice_is_an_error(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png")
    with pytest.raises(DataError) as error:
        loaded(write_json(tmp_path / "x.json", coco(["a.png", "./a.png"], ONE)))
    assert error.value.problems == ("x.json: ./a.png is listed twice, with the ids 10 and 11.",)


def test_data_with_problems_need_no_pictures_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("x")
    with pytest.raises(DataError) as error:
        loaded(write_json(tmp_path / "x.json", coco(["a.png"], [{}, {"bbox": [100, 100, 5, 5]}])))
    assert len(error.value.problems) == 1
