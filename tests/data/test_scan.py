"""Every nasty file has a line in the ledger, nothing is read twice, and no file takes others with it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from xxhash import xxh3_128

from headstart.core.dataset import Dataset, Part
from headstart.data import read_dataset
from headstart.data.columns import ArrayColumn, PathColumn, path_array
from headstart.data.facts_cache import FactsCache
from headstart.data.picture import ALPHA, FLOAT, GREY
from headstart.data.scan import content_hash, scan
from tests.data.photos import deep_colour_png, encoded, oriented, png_of_claimed_size, scene
from tests.data.pictures import items_of, names_of, reasons

PHOTO = Image.fromarray(scene())
CLEAR = Image.new("RGBA", (64, 48), (200, 0, 0, 90))
JPEG = encoded(PHOTO, "JPEG")
NOISE = encoded(np.random.default_rng(0).integers(0, 256, (300, 400, 3), dtype=np.uint8), "JPEG")

GOOD = {
    "photo.jpg": JPEG,
    "UPPER.JPG": encoded(scene(seed=1), "JPEG"),
    "png-inside.jpg": encoded(scene(seed=2)),
    "webp-inside.png": encoded(scene(seed=2), "WEBP"),
    "cmyk.jpg": encoded(PHOTO.convert("CMYK"), "JPEG"),
    "sixteen.png": encoded(np.asarray(PHOTO.convert("L")).astype(np.uint16) * 257),
    "sixteen-colour.png": deep_colour_png(8, 8, 900),
    "float.tif": encoded(np.asarray(PHOTO.convert("L")).astype(np.float32) / 255, "TIFF"),
    "palette.png": encoded(PHOTO.quantize(16)),
    "palette-alpha.png": encoded(CLEAR.quantize(4)),
    "alpha.png": encoded(CLEAR),
    "grey-alpha.png": encoded(CLEAR.convert("LA")),
    "grey.jpg": encoded(PHOTO.convert("L"), "JPEG"),
    "bits.png": encoded(PHOTO.convert("1")),
    "moving.gif": encoded(PHOTO, "GIF", save_all=True, append_images=[PHOTO.rotate(180)]),
    "moving.webp": encoded(PHOTO, "WEBP", save_all=True, append_images=[PHOTO.rotate(180)]),
    "new.avif": encoded(PHOTO, "AVIF"),
    "turned.jpg": oriented(scene(), 6),
    "one-pixel.png": encoded(Image.new("RGB", (1, 1))),
    "thin.png": encoded(Image.new("RGB", (1, 30_000), (9, 90, 200))),
    "long.jpg": encoded(Image.new("RGB", (30_000, 3), (9, 90, 200)), "JPEG"),
    "Ünïcödé 向日葵 🌻.jpg": encoded(scene(seed=3), "JPEG"),
    "n" * 240 + ".jpg": encoded(scene(seed=4), "JPEG"),
}
BAD = {
    "empty.jpg": (b"", "zero bytes"),
    "text.jpg": (b"this is a text, not a picture\n" * 20, "not a picture (starts with plain text)"),
    "half.jpg": (NOISE[: len(NOISE) // 2], "truncated JPEG"),
    "half-with-end.jpg": (NOISE[: len(NOISE) // 2] + b"\xff\xd9", "truncated JPEG"),
    "half.png": (encoded(scene(300, 200))[:20_000], "truncated PNG"),
    "bomb.png": (
        png_of_claimed_size(40_000, 40_000),
        "decompression bomb: 40000 x 40000 pixels, the limit is 300 megapixels (HEADSTART_MAX_PIXELS sets another)",
    ),
}


def of_files(root: Path, names: Sequence[str]) -> Dataset:
    return Dataset(
        task="image-classification",
        labels=("a",),
        inputs=PathColumn(root, path_array(names)),
        targets=np.zeros(len(names), np.int32),
        parts=np.full(len(names), Part.UNASSIGNED, np.int8),
        source=str(root),
    )


def of_arrays(images: Sequence[Any]) -> Dataset:
    return replace(of_files(Path(), ["x"] * len(images)), inputs=ArrayColumn(images))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "data"
    for kind in ("good", "bad"):
        (root / kind).mkdir(parents=True)
    for name, content in GOOD.items():
        (root / "good" / name).write_bytes(content)
    for name, (content, _) in BAD.items():
        (root / "bad" / name).write_bytes(content)
    (root / "bad" / "fine.png").write_bytes(encoded(scene(seed=9)))
    return root


def test_what_can_be_read_stays_and_the_rest_has_its_reason(folder: Path) -> None:
    read = read_dataset(folder)
    assert len(read) == len(GOOD) + len(BAD) + 1
    dataset, facts = scan(read)
    assert set(names_of(dataset)) == {f"good/{name}" for name in GOOD} | {"bad/fine.png"}
    for name, (_, reason) in BAD.items():
        assert f"bad/{name}" in reasons(dataset.ledger)[f"skipped: {reason}"]
    assert dataset.ledger.count("skipped") == len(BAD)
    assert sum(len(line.items) for line in facts.unreadable) == len(BAD)
    assert len(facts) == len(dataset)


def test_conversions_and_wrong_suffixes_are_in_the_ledger(folder: Path) -> None:
    dataset, _ = scan(read_dataset(folder))
    found = {
        reason: {item.removeprefix("good/") for item in items} for reason, items in reasons(dataset.ledger).items()
    }
    assert found["converted: CMYK converted to RGB"] == {"cmyk.jpg"}
    assert found[f"converted: {ALPHA}"] == {"palette-alpha.png", "alpha.png", "grey-alpha.png"}
    assert found[f"converted: {GREY}"] == {"sixteen.png", "float.tif", "grey.jpg", "grey-alpha.png", "bits.png"}
    assert found[f"converted: {FLOAT}"] == {"float.tif"}
    assert found["converted: turned upright as its EXIF data say"] == {"turned.jpg"}
    assert found["converted: first of several frames taken"] == {"moving.gif", "moving.webp"}
    assert found["converted: palette replaced by its colours"] >= {"palette.png", "palette-alpha.png"}
    assert "sixteen-colour.png" in items_of(dataset.ledger, "upper 8 bits")[0]
    assert found["noted: named .jpg, but is PNG: read as what it is"] == {"png-inside.jpg"}
    assert found["noted: named .png, but is WEBP: read as what it is"] == {"webp-inside.png"}


def test_facts_say_what_each_picture_is(folder: Path) -> None:
    dataset, facts = scan(read_dataset(folder))
    rows = {name.removeprefix("good/"): row for name, row in zip(names_of(dataset), facts.rows, strict=True)}
    assert (rows["photo.jpg"]["width"], rows["photo.jpg"]["height"]) == (64, 48)
    assert (rows["turned.jpg"]["width"], rows["turned.jpg"]["height"]) == (48, 64)
    assert rows["photo.jpg"]["bytes"] == len(JPEG)
    assert rows["sixteen.png"]["depth"] == 16
    assert rows["moving.gif"]["frames"] == 2
    assert (rows["new.avif"]["format"], rows["new.avif"]["mode"]) == (b"AVIF", b"RGB")
    assert (rows["thin.png"]["width"], rows["thin.png"]["height"]) == (1, 30_000)


def test_content_is_the_hash_of_the_bytes(folder: Path) -> None:
    dataset, facts = scan(read_dataset(folder))
    assert dataset.content is not None
    assert (dataset.content == facts.content).all()
    for index, name in enumerate(names_of(dataset)):
        assert dataset.content[index].tobytes() == xxh3_128((folder / name).read_bytes()).digest()


def test_unchanged_files_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, first_facts = scan(read_dataset(folder))
    read: list[str] = []
    original = PathColumn.read
    monkeypatch.setattr(PathColumn, "read", lambda self, index: read.append(self.name(index)) or original(self, index))
    second, second_facts = scan(read_dataset(folder))
    assert read == ["bad/bomb.png"]  # whose limit may be another today
    assert second.ledger == first.ledger
    assert (second_facts.rows == first_facts.rows).all()
    photo = folder / "good" / "photo.jpg"
    photo.write_bytes(encoded(scene(seed=77), "JPEG"))
    os.utime(photo, ns=(1, 1))
    third, _ = scan(read_dataset(folder))
    assert read == ["bad/bomb.png"] * 2 + ["good/photo.jpg"]
    assert third.content is not None
    assert second.content is not None
    assert (third.content != second.content).any(axis=1).sum() == 1


def test_a_larger_limit_lets_a_large_picture_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADSTART_MAX_PIXELS", "2000000000")
    (folder / "bad" / "bomb.png").write_bytes(encoded(Image.new("1", (20_000, 17_000))))
    dataset, _ = scan(read_dataset(folder))
    assert "bad/bomb.png" in names_of(dataset)


def test_a_file_without_permission_is_left_out_and_asked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Path.read_bytes

    def forbidden(self: Path) -> bytes:
        if self.name == "photo.jpg":
            raise PermissionError(13, "Permission denied", str(self))
        return original(self)

    with monkeypatch.context() as context:
        context.setattr(Path, "read_bytes", forbidden)
        dataset, _ = scan(read_dataset(folder))
        assert reasons(dataset.ledger)["skipped: permission denied"] == ("good/photo.jpg",)
    dataset, _ = scan(read_dataset(folder))
    assert "good/photo.jpg" in names_of(dataset)


def test_a_file_that_has_gone_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(scene()))
    dataset, _ = scan(of_files(tmp_path, ["a.png", "gone.png"]))
    assert names_of(dataset) == ["a.png"]
    assert reasons(dataset.ledger) == {"skipped: no such file or directory": ("gone.png",)}


def test_all_columns_lose_the_same_items(folder: Path) -> None:
    read = read_dataset(folder)
    dataset, _ = scan(read)
    label = {names_of(read)[index]: int(read.targets[index]) for index in range(len(read))}
    assert [label[name] for name in names_of(dataset)] == dataset.targets.tolist()
    assert dataset.labels == read.labels


def test_a_damaged_cache_is_noted(folder: Path, own_cache: Path) -> None:
    scan(read_dataset(folder))
    (own_cache / "facts-2.sqlite").write_bytes(b"broken" * 1000)
    dataset, _ = scan(read_dataset(folder))
    assert items_of(dataset.ledger, "begun anew") == ("facts-2.sqlite",)
    assert "good/photo.jpg" in names_of(dataset)


def test_arrays_and_pillow_images_are_scanned_too(own_cache: Path) -> None:
    images = [scene(), Image.fromarray(scene()), scene().astype(np.float64) / 255, np.zeros((3, 40, 40)), scene()]
    dataset, facts = scan(of_arrays(images))
    assert names_of(dataset) == ["row 0", "row 1", "row 2", "row 4"]
    assert "row 3" in items_of(dataset.ledger, "(H, W) or (H, W, C) is needed")
    assert facts.first_copies.tolist() == [0, 1, 2, 0]
    assert {tuple(pair) for pair in facts.near.pairs.tolist()} == {(0, 1), (0, 2), (1, 2)}
    with FactsCache() as cache:
        assert cache.notes == []


def test_arrays_of_the_same_bytes_but_another_shape_are_other_pictures() -> None:
    assert content_hash(np.zeros((4, 6))) != content_hash(np.zeros((6, 4)))
    assert content_hash(np.zeros((4, 6), np.uint8)) != content_hash(np.zeros((4, 6), np.bool_))
    assert content_hash(Image.new("L", (4, 6))) != content_hash(Image.new("L", (6, 4)))
    assert content_hash(scene()[:, ::2]) == content_hash(np.ascontiguousarray(scene()[:, ::2]))


def test_nothing_to_scan() -> None:
    dataset, facts = scan(of_arrays([]))
    assert (len(dataset), len(facts)) == (0, 0)
    assert dataset.content is not None
    assert dataset.content.shape == (0, 16)


def test_many_pictures_come_back_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.data.scan.SPAN", 50)
    monkeypatch.setattr("headstart.data.scan.CHUNK", 7)
    names = [f"{number}.png" for number in range(120)]
    for number, name in enumerate(names):
        (tmp_path / name).write_bytes(encoded(Image.new("L", (number + 1, 3))) if number % 10 else b"")
    for _ in range(2):
        dataset, facts = scan(of_files(tmp_path, names))
        assert facts.rows["width"].tolist() == [number + 1 for number in range(120) if number % 10]
        assert dataset.ledger.count("skipped") == 12


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_a_turned_photo_is_a_near_duplicate_of_the_upright_one(tmp_path: Path, orientation: int) -> None:
    """At reduced scale the last column of a JPEG reaches beyond the picture, and turning makes it the first."""
    stored = scene(341, 283)
    (tmp_path / "stored.jpg").write_bytes(oriented(stored, orientation))
    turned = {3: stored[::-1, ::-1], 6: np.rot90(stored, -1), 7: np.rot90(stored, 2).transpose(1, 0, 2)}[orientation]
    (tmp_path / "upright.png").write_bytes(encoded(np.ascontiguousarray(turned)))
    _, facts = scan(of_files(tmp_path, ["stored.jpg", "upright.png"]))
    assert facts.near.pairs.tolist() == [[0, 1]]
