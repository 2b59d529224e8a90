"""One json file in COCO's form -> pictures by name with their boxes, all that is wrong with it in one error."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.core.errors import DataError
from headstart.core.ledger import Event
from headstart.data.coco_shapes import XYXY, box_of, box_of_edges
from headstart.data.written_boxes import WrittenBoxes, is_text, written

HEAD = 1 << 18
MARKS = (b'"images"', b'"annotations"', b'"categories"')
LARGEST_ID = (1 << 63) - 1
LARGEST_SIDE = (1 << 31) - 1
"""Pixels; no format of pictures goes beyond."""


@dataclass(frozen=True)
class CocoFile:
    """`names` of the pictures in the file's order, the boxes of each, and the classes in the order of their ids.

    `problems` is what is wrong with single entries, which are left out here.
    """

    labels: tuple[str, ...]
    names: list[str]
    boxes: list[WrittenBoxes]
    events: list[Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class _Picture:
    name: str
    size: tuple[int, int]
    xyxy: list[XYXY] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    crowd: list[bool] = field(default_factory=list)
    ids: list[int] = field(default_factory=list)


def looks_like_coco(path: Path) -> bool:
    """Whether the head of a json file speaks of COCO's three lists."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError:  # whoever reads it will say so
        return False
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and any(mark in head for mark in MARKS)


def read_coco(path: Path) -> CocoFile | None:
    """Read one file; None where it has no annotations at all, as those of a hidden test.

    Raises `DataError` for a file that is not in COCO's form.
    """
    content = _content(path)
    if "annotations" not in content:
        return None
    problems: list[str] = []
    events: list[Event] = []
    used = {one["category_id"] for one in content["annotations"] if isinstance(one, dict) and _has(one, "category_id")}
    places, labels = _classes(content["categories"], used, problems, events)
    pictures = _pictures(content["images"], problems)
    for number, one in enumerate(content["annotations"]):
        _add(number, one, pictures, places, problems, events)
    boxes = [_boxes(picture) for picture in pictures.values()]
    return CocoFile(labels, [picture.name for picture in pictures.values()], boxes, events, problems)


def _content(path: Path) -> dict[str, list[Any]]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, not JSON, or lists in lists without end
        raise DataError(f"{path} is no JSON: {error}.") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} is no record of images, annotations and categories, as COCO's form asks for.")
    lacking = [key for key in ("images", "categories") if not isinstance(content.get(key), list)]
    if isinstance(content.get("annotations", []), list) and not lacking:
        return dict(content)
    raise DataError(f"{path} has no list of {' and '.join(lacking or ['annotations'])}, as COCO's form asks for.")


def _classes(
    categories: list[Any], used: set[Any], problems: list[str], events: list[Event]
) -> tuple[dict[int, int], tuple[str, ...]]:
    """Places by id, and names, both by rising id, whatever the first is and however many are left out."""
    found: dict[int, str] = {}
    above: set[str] = set()
    for one in categories:
        if not isinstance(one, dict) or not isinstance(one.get("id"), int) or not is_text(one.get("name")):
            problems.append(f"a category has no id that is a number, or no name that is text: {one!r:.80}.")
            continue
        if one["id"] in found:
            problems.append(f"two categories have the id {one['id']}: '{found[one['id']]}' and '{one['name']}'.")
        above |= {str(one.get("supercategory") or "")}
        found[one["id"]] = one["name"]
    for idle in [id for id, name in found.items() if name in above and id not in used and len(found) > 1]:
        others = {
            str(one.get("supercategory")) for one in categories if isinstance(one, dict) and one.get("id") != idle
        }
        if found[idle] in others:  # Roboflow lists the name of the project as the first category
            events.append(("skipped", "a category above the others that no box is of", found.pop(idle)))
    names = [found[id] for id in sorted(found)]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [f"several categories are called '{name}'." for name in twice]
    return {id: place for place, id in enumerate(sorted(found))}, tuple(names)


def _pictures(images: list[Any], problems: list[str]) -> dict[Any, _Picture]:
    found: dict[Any, _Picture] = {}
    names: dict[str, Any] = {}
    for one in images:
        if not isinstance(one, dict) or not _is_path(one.get("file_name")) or not _has(one, "id"):
            problems.append(f"a picture has no id that is a number or text, or no file_name: {one!r:.80}.")
            continue
        name = one["file_name"]
        if one["id"] in found:
            problems.append(f"two pictures have the id {one['id']}: {found[one['id']].name} and {name}.")
        place = os.path.normpath(name)
        if place in names:
            problems.append(f"{name} is listed twice, with the ids {names[place]} and {one['id']}.")
        names[place] = one["id"]
        sides = [one.get(side) for side in ("width", "height")]
        numbers = [side if isinstance(side, (int, float)) and side > 0 else 0 for side in sides]
        if max(numbers) > LARGEST_SIDE:
            problems.append(f"{name} is of {sides[0]!r:.20} x {sides[1]!r:.20} pixels: no picture is that large.")
            numbers = [0, 0]
        found[one["id"]] = _Picture(name, (int(numbers[0]), int(numbers[1])))
    return found


def _is_path(name: Any) -> bool:
    try:
        return isinstance(name, str) and "\0" not in name and bool(os.fsencode(name))
    except UnicodeEncodeError:  # half of a character of UTF-16, which no disk can hold
        return False


def _has(one: dict[str, Any], key: str) -> bool:
    """Whether there is an id that can be looked up."""
    return isinstance(one.get(key), (int, float, str))


def _add(
    number: int,
    one: Any,
    pictures: dict[Any, _Picture],
    places: dict[int, int],
    problems: list[str],
    events: list[Event],
) -> None:
    called = f"annotation {one.get('id', number)!s:.60}" if isinstance(one, dict) else f"annotation {number}"
    wrong = list(_wrong(one, pictures, places))
    if wrong:
        problems += [f"{called} {problem}." for problem in wrong]
        return
    picture = pictures[one["image_id"]]
    try:
        box = box_of_edges(one["bbox"]) if one.get("bbox") else box_of(one.get("segmentation", []))
    except ValueError as error:
        problems.append(f"{called} of {picture.name}: {error}.")
        return
    if box is None:
        problems.append(f"{called} of {picture.name} has neither a bbox nor an outline.")
        return
    if not one.get("bbox"):
        events.append(("converted", "no bbox: the box is drawn around the outline", f"{picture.name}: {called}"))
    picture.xyxy.append(box)
    picture.labels.append(places[one["category_id"]])
    picture.crowd.append(bool(one.get("iscrowd", 0)) or bool(one.get("ignore", 0)))
    picture.ids.append(one["id"] if isinstance(one.get("id"), int) else number)


def _wrong(one: Any, pictures: dict[Any, _Picture], places: dict[int, int]) -> Iterator[str]:
    if not isinstance(one, dict):
        yield f"is no record: {one!r:.60}"
        return
    if not _has(one, "image_id") or one["image_id"] not in pictures:
        yield f"is of a picture {one.get('image_id')!r:.60} that is not listed"
    if not _has(one, "category_id") or one["category_id"] not in places:
        yield f"is of a category {one.get('category_id')!r:.60} that is not listed"
    if isinstance(one.get("id"), int) and abs(one["id"]) > LARGEST_ID:
        yield "has an id of more than 64 bits"


def _boxes(picture: _Picture) -> WrittenBoxes:
    return written(
        picture.xyxy,
        picture.labels,
        ignored=picture.crowd,
        size=picture.size if all(picture.size) else (0, 0),
        named=("annotation", picture.ids),
    )
