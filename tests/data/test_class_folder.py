from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from headstart.core.dataset import Part
from headstart.core.errors import DataError
from headstart.data.class_folder import NO_CLASS, NO_TEXT_FILE, READER, TEXTS
from headstart.data.folders import LOOP, NO_PICTURE, RUN
from headstart.data.reader import ReadOptions
from tests.data.pictures import items_of, labels_of, names_of, reasons, write_pictures

DEFAULT = ReadOptions()


def test_unsplit_folders(tmp_path: Path) -> None:
    write_pictures(tmp_path, "class10/a.jpg", "class2/b.JPG", "class2/deep/er/c.png")
    assert READER.sniff(tmp_path) is not None
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.task == "image-classification"
    assert dataset.labels == ("class2", "class10")
    assert names_of(dataset) == ["class10/a.jpg", "class2/b.JPG", "class2/deep/er/c.png"]
    assert labels_of(dataset) == ["class10", "class2", "class2"]
    assert set(dataset.parts) == {Part.UNASSIGNED}
    assert dataset.given_parts == ()
    assert dataset.inputs.read(0) == (tmp_path / "class10" / "a.jpg").read_bytes()
    assert dataset.ledger.lines == ()


def test_split_folders_keep_the_users_words(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/a/1.jpg", "Valid/a/2.jpg", "Valid/b/3.jpg", "test/b/4.jpg", "train/b/5.jpg")
    dataset = READER.read(str(tmp_path), DEFAULT)
    assert dataset.given_parts == ("train", "Valid", "test")
    assert dict(zip(names_of(dataset), dataset.parts.tolist(), strict=True)) == {
        "train/a/1.jpg": Part.TRAIN,
        "train/b/5.jpg": Part.TRAIN,
        "Valid/a/2.jpg": Part.VALIDATION,
        "Valid/b/3.jpg": Part.VALIDATION,
        "test/b/4.jpg": Part.TEST,
    }
    assert labels_of(dataset) == ["a", "b", "a", "b", "b"]


def test_what_is_left_out_is_in_the_ledger(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/a/1.jpg", "train/b/2.jpg", "train/loose.jpg", "extra/x/3.jpg", "top.jpg")
    for name in ("README.md", "train/a/.DS_Store", "train/b/notes.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "train" / "empty").mkdir()
    (tmp_path / "train" / "__MACOSX").mkdir()
    (tmp_path / "train" / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    dataset = READER.read(tmp_path, DEFAULT)
    assert names_of(dataset) == ["train/a/1.jpg", "train/b/2.jpg"]
    assert reasons(dataset.ledger) == {
        f"skipped: {NO_CLASS}": ("top.jpg", "train/loose.jpg"),
        f"skipped: {NO_PICTURE}": ("README.md", "train/b/notes.txt"),
        "skipped: a folder beside those of the split": ("extra",),
        "skipped: made by the operating system": ("train/__MACOSX",),
        "skipped: hidden": ("train/a/.DS_Store",),
        f"skipped: {LOOP}": ("train/a/loop",),
        "skipped: a class folder without pictures": ("train/empty",),
    }


@pytest.mark.parametrize("mark", ["request.json", "run.json", "verdict.json", "ranking.json"])
def test_what_a_command_wrote_there_is_no_class(tmp_path: Path, mark: str) -> None:
    write_pictures(tmp_path, "bus/1.jpg", "car/2.jpg", "run/verdict.png", "car/run/more/ranking.png")
    for folder in ("run", "car/run"):
        (tmp_path / folder / mark).touch()
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.labels == ("bus", "car")
    assert names_of(dataset) == ["bus/1.jpg", "car/2.jpg"]
    assert reasons(dataset.ledger) == {f"skipped: {RUN}": ("car/run", "run")}


def test_a_class_may_be_called_train(tmp_path: Path) -> None:
    write_pictures(tmp_path, "bus/1.jpg", "car/2.jpg", "train/3.jpg")
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.labels == ("bus", "car", "train")
    assert dataset.given_parts == ()
    assert items_of(dataset.ledger, "is taken as a class") == ("train",)


def test_parts_without_class_folders_are_an_error(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/1.jpg", "test/2.jpg")
    with pytest.raises(DataError, match="test, train of .* lie in no class folder"):
        READER.read(tmp_path, DEFAULT)


def test_unlabelled_test_pictures_are_left_out(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/a/1.jpg", "train/b/2.jpg", "test/3.jpg")
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.given_parts == ("train",)
    assert items_of(dataset.ledger, NO_CLASS) == ("test/3.jpg",)


def test_two_folders_for_one_part_are_an_error(tmp_path: Path) -> None:
    write_pictures(tmp_path, "train/a/1.jpg", "val/a/2.jpg", "valid/a/3.jpg", "training/a/4.jpg")
    with pytest.raises(DataError) as error:
        READER.read(tmp_path, DEFAULT)
    assert len(error.value.problems) == 2, "both clashes are reported at once"


def test_one_class_with_folders_inside_points_one_level_down(tmp_path: Path) -> None:
    write_pictures(tmp_path, "flowers/rose/1.jpg", "flowers/tulip/2.jpg")
    with pytest.raises(DataError, match=r"holds one class, 'flowers'") as error:
        READER.read(tmp_path, DEFAULT)
    assert error.value.hint == f"Did you mean {tmp_path / 'flowers'}?"
    assert READER.read(tmp_path, ReadOptions(least_classes=1)).labels == ("flowers",)


def test_folders_without_pictures_are_an_error_that_says_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("x")
    assert READER.sniff(tmp_path) is None
    with pytest.raises(DataError, match=r"a/notes\.txt"):
        READER.read(tmp_path, DEFAULT)


def test_what_is_no_folder_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"x")
    for source in (file, tmp_path / "gone", 3):
        assert READER.sniff(source) is None
        with pytest.raises(DataError, match="is not a folder"):
            READER.read(source, DEFAULT)


def test_folder_names_that_are_not_unicode(tmp_path: Path) -> None:
    write_pictures(tmp_path, "plain/1.jpg")
    folder = Path(str(tmp_path), os.fsdecode(b"caf\xe9"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    (folder / "2.jpg").write_bytes(b"content")
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.labels == ("caf\\xe9", "plain")
    assert sorted(names_of(dataset)) == ["caf\\xe9/2.jpg", "plain/1.jpg"]
    assert dataset.inputs.read(names_of(dataset).index("caf\\xe9/2.jpg")) == b"content"


def test_an_unreadable_class_folder_is_in_the_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pictures(tmp_path, "a/1.jpg", "b/2.jpg", "secret/3.jpg")
    scandir = os.scandir

    def guarded(folder: Path) -> object:
        if Path(folder).name == "secret":
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", guarded)
    dataset = READER.read(tmp_path, DEFAULT)
    assert dataset.labels == ("a", "b")
    assert items_of(dataset.ledger, "cannot be opened: Permission denied") == ("secret",)


def test_twenty_thousand_files_are_listed_quickly(tmp_path: Path) -> None:
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        for number in range(10_000):
            os.close(os.open(tmp_path / label / f"{number}.jpg", os.O_CREAT))
    started = time.perf_counter()
    assert len(READER.read(tmp_path, DEFAULT)) == 20_000
    assert time.perf_counter() - started < 2, "a million files would take more than a minute and a half"


def test_real_folders(shared_data: Path) -> None:
    flowers = READER.read(shared_data / "flowers5", DEFAULT)
    assert flowers.labels == ("daisy", "dandelion", "rose", "sunflower", "tulip")
    assert flowers.given_parts == ("train", "test")
    assert [len(flowers.indices(part)) for part in Part] == [749, 0, 300, 0]
    insects = READER.read(shared_data / "hymenoptera", DEFAULT)
    assert insects.given_parts == ("train", "val")
    assert [len(insects.indices(part)) for part in Part] == [244, 153, 0, 0]
    assert insects.inputs.read(0)[:2] == b"\xff\xd8"


def test_folders_of_texts(tmp_path: Path) -> None:
    for name in ("train/pos/1.txt", "train/neg/2.TXT", "test/pos/3.txt", "train/pos/4.jpg", "train/README"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("words")
    assert TEXTS.sniff(tmp_path) == "it holds folders with texts in them"
    dataset = TEXTS.read(tmp_path, DEFAULT)
    assert dataset.task == "text-classification"
    assert names_of(dataset) == ["train/neg/2.TXT", "train/pos/1.txt", "test/pos/3.txt"]
    assert items_of(dataset.ledger, NO_TEXT_FILE) == ("train/README", "train/pos/4.jpg")


def test_a_single_folder_with_texts_is_no_data_set(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.txt").write_text("words")
    assert TEXTS.sniff(tmp_path) is None
    (tmp_path / "more").mkdir()
    assert TEXTS.sniff(tmp_path) is None
    (tmp_path / "more" / "b.txt").write_text("words")
    assert TEXTS.sniff(tmp_path) is not None
