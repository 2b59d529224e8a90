"""Profiles of data whose every fact is known, and leaks found in real data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from headstart.core.dataset import Dataset, Part
from headstart.data import read_dataset
from headstart.data.scan import scan
from headstart.profiling import leaked_items, profile
from tests.data.photos import encoded, scene


def write(root: Path, pictures: dict[str, bytes]) -> Path:
    for name, content in pictures.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def photo(seed: int) -> bytes:
    return encoded(scene(120, 90, seed=seed), "JPEG", quality=92)


def again(seed: int) -> bytes:
    """The same photo, stored smaller and as another kind of file."""
    return encoded(Image.fromarray(scene(120, 90, seed=seed)).resize((80, 60)), "WEBP")


@pytest.fixture
def leaky(tmp_path: Path) -> Path:
    return write(
        tmp_path / "data",
        {
            **{f"train/cat/{seed}.jpg": photo(seed) for seed in range(12)},
            **{f"train/dog/{seed}.jpg": photo(seed) for seed in range(20, 24)},
            "train/dog/cat-3.jpg": photo(3),
            "val/cat/new.jpg": photo(50),
            "val/cat/copy.jpg": photo(4),
            "val/dog/near.webp": again(21),
            "val/dog/both.jpg": photo(22),
            "val/dog/both.webp": again(22),
            "val/dog/broken.jpg": b"",
        },
    )


def test_leaks_are_named_on_both_sides(leaky: Path) -> None:
    described = profile(*scan(read_dataset(leaky)))
    (leaks,) = described.leaks
    assert (leaks.part, leaks.seen_in, leaks.exact, leaks.near, leaks.items) == ("val", "train", 2, 2, 5)
    assert {(leak.item, leak.duplicate, leak.exact) for leak in leaks.examples} == {
        ("val/cat/copy.jpg", "train/cat/4.jpg", True),
        ("val/dog/both.jpg", "train/dog/22.jpg", True),
        ("val/dog/near.webp", "train/dog/21.jpg", False),
        ("val/dog/both.webp", "train/dog/22.jpg", False),
    }


def test_conflicting_labels_come_first(leaky: Path) -> None:
    exact = profile(*scan(read_dataset(leaky))).exact
    assert (exact.groups, exact.extra, exact.conflicting) == (3, 3, 1)
    assert exact.examples[0].items == ("train/cat/3.jpg", "train/dog/cat-3.jpg")
    assert exact.examples[0].labels == ("cat", "dog")


def test_counts(leaky: Path) -> None:
    described = profile(*scan(read_dataset(leaky)))
    assert [(part.name, part.items, part.per_label) for part in described.parts] == [
        ("train", 17, (12, 5)),
        ("val", 5, (2, 3)),
    ]
    assert described.per_label == (14, 8)
    assert described.balance == 8 / 14
    assert described.majority == 14 / 22
    assert described.few == {"dog": 5}
    assert described.unreadable == {"zero bytes": 1}
    assert described.pictures is not None
    assert described.pictures.formats == {"JPEG": 20, "WEBP": 2}
    assert (described.pictures.width.smallest, described.pictures.width.median) == (80, 120)
    assert described.pictures.bytes == sum(path.stat().st_size for path in leaky.rglob("*.*"))
    assert described.near_search == ""
    assert any("cannot be read" in sentence for sentence in described.warnings)


def test_leaked_items_are_positions_in_the_test_part(leaky: Path) -> None:
    dataset, facts = scan(read_dataset(leaky))
    assert len(leaked_items(dataset, facts)) == 0  # no part is called test yet
    dataset = replace(dataset, parts=np.where(dataset.parts == Part.VALIDATION, Part.TEST, dataset.parts))
    held_out = dataset.part(Part.TEST)
    names = {held_out.inputs.name(int(place)) for place in leaked_items(dataset, facts)}
    assert names == {"val/cat/copy.jpg", "val/dog/both.jpg", "val/dog/near.webp", "val/dog/both.webp"}


def test_a_copy_in_validation_data_is_a_leak_as_well(tmp_path: Path) -> None:
    root = write(
        tmp_path / "data",
        {
            **{f"train/{label}/{seed}.jpg": photo(seed) for label, seed in (("a", 1), ("b", 2))},
            **{f"val/{label}/{seed}.jpg": photo(seed) for label, seed in (("a", 3), ("b", 4))},
            **{f"test/{label}/{seed}.jpg": photo(seed) for label, seed in (("a", 3), ("b", 5))},
        },
    )
    dataset, facts = scan(read_dataset(root))
    held_out = dataset.part(Part.TEST)
    assert [held_out.inputs.name(int(place)) for place in leaked_items(dataset, facts)] == ["test/a/3.jpg"]
    assert [(leaks.part, leaks.seen_in) for leaks in profile(dataset, facts).leaks] == [("test", "val")]


def test_unsplit_data_have_one_part_and_no_leaks(tmp_path: Path) -> None:
    root = write(tmp_path / "data", {"a/1.jpg": photo(1), "a/2.jpg": photo(1), "b/3.jpg": photo(2)})
    described = profile(*scan(read_dataset(root)))
    assert [(part.name, part.items) for part in described.parts] == [("all", 3)]
    assert described.leaks == ()
    assert described.exact.extra == 1
    assert described.few == {"b": 1, "a": 2}


def synthetic(**columns: object) -> tuple[Dataset, object]:
    from headstart.data.columns import ArrayColumn

    images = [scene(seed=seed) for seed in (0, 1, 2, 0)]
    dataset = Dataset(
        task="image-classification",
        labels=("red", "round"),
        inputs=ArrayColumn(images),
        targets=np.array([0, 1, 1, 0], np.int32),
        parts=np.full(4, Part.UNASSIGNED, np.int8),
        source="arrays",
    )
    return scan(replace(dataset, **columns))  # type: ignore[arg-type]


def test_several_labels_an_item() -> None:
    targets = np.array([[1, 1], [0, 1], [0, 0], [1, 0]], np.uint8)
    described = profile(*synthetic(targets=targets))  # type: ignore[arg-type]
    assert described.multi_label
    assert described.per_label == (2, 2)
    assert described.exact.examples[0].labels == ("red + round", "red")
    assert described.exact.conflicting == 1


def test_groups_and_domains_are_counted() -> None:
    described = profile(
        *synthetic(  # type: ignore[arg-type]
            groups=np.array([0, 0, 2, -1], np.int32),
            group_names=("p", "q", "r"),
            domains=np.array([1, 1, 0, 1], np.int32),
            domain_names=("phone", "studio"),
        )
    )
    assert described.groups == 2
    assert described.domains == {"phone": 1, "studio": 3}


def test_facts_of_other_data_are_refused() -> None:
    dataset, facts = synthetic()
    with pytest.raises(ValueError, match="facts about 4 items"):
        profile(dataset.take(np.array([0])), facts)  # type: ignore[arg-type]


def test_real_photos_are_not_called_duplicates_wholesale(shared_data: Path) -> None:
    """One pair of flowers5 is in fact one photo (looked at by eye); nothing of hymenoptera is there twice."""
    flowers = profile(*scan(read_dataset(shared_data / "flowers5")))
    assert (flowers.exact.extra, flowers.near.extra) == (0, 1)
    insects = profile(*scan(read_dataset(shared_data / "hymenoptera")))
    assert (insects.exact.extra, insects.near.extra, insects.leaks) == (0, 0, ())


def test_real_digits_are_not_called_duplicates_wholesale(shared_data: Path) -> None:
    """Hundreds of ones have one outline; re-encoding each of a few digits is still found out."""
    from headstart.data.columns import ArrayColumn

    digits = np.load(shared_data / "mnist" / "mnist.npz")["train_x"][::10]
    copies = [encoded(digits[place], "JPEG", quality=90) for place in range(0, 2000, 100)]
    images = [*digits, *copies]
    count = len(images)
    dataset = Dataset(
        task="image-classification",
        labels=("digit",),
        inputs=ArrayColumn(images),
        targets=np.zeros(count, np.int32),
        parts=np.array([Part.TRAIN] * len(digits) + [Part.TEST] * len(copies), np.int8),
        source="arrays",
    )
    scanned, facts = scan(dataset)
    assert len(leaked_items(scanned, facts)) >= 18
    described = profile(scanned, facts)
    assert described.near.extra <= 24
    assert "share their outlines" in described.near_search
