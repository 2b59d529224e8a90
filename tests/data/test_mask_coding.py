from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from headstart.core.targets import IGNORED
from headstart.data.mask_classes import ClassList
from headstart.data.mask_coding import Coded, code_masks
from headstart.data.mask_values import MaskFacts, RawMask, facts_of, read_mask
from tests.data.mask_files import encoded, numbers

NAMES = ClassList(("a", "b", "c"), (0, 1, 2), None, "classes.txt")
COLOURS = ClassList(("a", "b"), (0, 1), (0, 255 << 16), "classes.txt")


def facts(*values: Sequence[int], format: str = "PNG") -> list[MaskFacts]:
    return [facts_of(read_mask(encoded(numbers(one), format))) for one in values]


def coded(*values: Sequence[int], classes: ClassList | None = None, ignore: Sequence[int] = ()) -> Coded:
    return code_masks(facts(*values), classes, ignore, place="here")


def lines(found: Coded) -> str:
    return "\n".join(reason for _, reason, _ in found.events)


def places(found: Coded, *values: int) -> list[int]:
    assert found.coding is not None
    return found.coding.codes(np.array(values, np.int32), None).tolist()


def test_numbers_by_a_list() -> None:
    found = coded([0, 1], [2], classes=NAMES)
    assert found.labels == ("a", "b", "c")
    assert places(found, 2, 0, 1) == [2, 0, 1]
    assert found.events == []


def test_values_outside_of_the_list_are_all_named() -> None:
    found = coded([0, 1, 9], [7], classes=NAMES)
    assert found.coding is None
    assert [problem.split(":")[0] for problem in found.problems] == [
        "value 7 in 1 mask, 50.00% of all pixels",
        "value 9 in 1 mask, 16.67% of all pixels",
    ]
    assert "--ignore-index 7,9" in found.hint


def test_what_is_to_be_left_out() -> None:
    found = coded([0, 1, 9], [255], classes=NAMES, ignore=(9,))
    assert places(found, 0, 9, 255) == [0, IGNORED, IGNORED]
    assert "value 9 (16.67%) are left out, as asked" in lines(found)
    assert "value 255 (50.00%) are left out, as is usual" in lines(found)


def test_a_class_of_the_list_can_be_left_out() -> None:
    found = coded([0, 1, 2], classes=NAMES, ignore=(1,))
    assert found.labels == ("a", "c")
    assert places(found, 0, 1, 2) == [0, IGNORED, 1]


def test_numbers_without_a_list_are_classes() -> None:
    found = coded([0, 5, 10], [2, 255])
    assert found.labels == ("0", "2", "5", "10")
    assert places(found, 10, 255, 0) == [3, IGNORED, 0]
    assert "each number in the masks is a class" in lines(found)


@pytest.mark.parametrize(
    ("classes", "labels"),
    [
        (None, ("background", "foreground")),
        (ClassList(("tumour",), (0,), None, "classes.txt"), ("background", "tumour")),
        (ClassList(("no", "yes"), (0, 1), None, "classes.txt"), ("no", "yes")),
    ],
)
def test_just_0_and_255_are_binary(classes: ClassList | None, labels: tuple[str, ...]) -> None:
    found = coded([0, 255], [0], classes=classes)
    assert found.labels == labels
    assert places(found, 0, 255) == [0, 1]
    assert f"just 0 and 255: taken as '{labels[0]}' and '{labels[1]}'" in lines(found)


REVERSED = ClassList(("person", "background"), (255, 0), None, "classes.txt", numbered=True)
ROAD = ClassList(("road",), (0,), None, "classes.txt", numbered=True)
GREYS = ClassList(("fg", "bg"), (0, 1), (0xFFFFFF, 0), "classes.txt")


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
@pytest.mark.parametrize(
    ("classes", "codes"), [(REVERSED, [1, 0]), (GREYS, [1, 0]), (ROAD, [0, IGNORED])], ids=["numbers", "greys", "one"]
)
def test_a_list_says_what_0_and_255_stand_for(classes: ClassList, codes: list[int], format: str) -> None:
    halves = np.zeros((32, 32), np.uint8)
    halves[:, 16:] = 255
    found = code_masks([facts_of(read_mask(encoded(halves, format)))], classes, (), place="here")
    assert found.labels == classes.names
    assert places(found, 0, 255) == codes
    assert "taken as" not in lines(found)


def test_numbers_of_a_list_without_255_leave_it_out_aloud() -> None:
    found = coded([0, 255], classes=ClassList(("road", "car"), (0, 1), None, "classes.txt", numbered=True))
    assert places(found, 0, 255) == [0, IGNORED]
    assert "value 255 (50.00%) are left out, as is usual" in lines(found)
    assert "classes.txt gives 255 to no class" in lines(found)


def test_colours_of_a_list_that_are_no_greys_of_the_masks_are_numbered_by_line() -> None:
    found = coded([0, 1, 255], classes=ClassList(("bg", "red"), (0, 1), (0, 128 << 16), "classes.txt"))
    assert places(found, 0, 1, 255) == [0, 1, IGNORED]
    assert "greys" not in lines(found)


def test_numbers_that_are_both_lines_and_greys_are_greys_only_of_a_list_of_greys() -> None:
    colours = [0x010101, 0, *range(2, 200)]
    assert places(coded([0, 1], classes=ClassList(("a", "b"), (0, 1), tuple(colours[:2]), "classes.txt")), 0, 1) == [
        1,
        0,
    ]
    many = ClassList(tuple(map(str, range(200))), tuple(range(200)), tuple(colours), "classes.txt")
    assert places(coded([0, 1], classes=many), 0, 1) == [0, 1]


def test_black_and_white_of_one_bit_by_colours() -> None:
    raw = read_mask(encoded(Image.fromarray(numbers([0, 255])).convert("1")))
    found = code_masks([facts_of(raw)], GREYS, (), place="here")
    assert found.coding is not None
    assert found.coding.pixels(raw)[0, :2].tolist() == [1, 0]


def test_what_is_to_be_left_out_of_binary_masks() -> None:
    found = coded([0, 255], ignore=(0,))
    assert found.labels == ("foreground",)
    assert places(found, 0, 255) == [IGNORED, 0]
    assert "value 0 (50.00%) are left out, as asked" in lines(found)
    found = coded([0, 255], classes=REVERSED, ignore=(255,))
    assert found.labels == ("background",)
    assert places(found, 0, 255) == [0, IGNORED]


def test_a_number_that_no_mask_can_hold_is_left_out_of_nothing() -> None:
    found = coded([0, 1], classes=NAMES, ignore=(10**12,))
    assert places(found, 0, 1) == [0, 1]
    assert "no pixel has the value 1000000000000" in lines(found)


def test_0_and_255_of_a_longer_list_are_a_class_and_none() -> None:
    assert places(coded([0, 255], classes=NAMES), 0, 255) == [0, IGNORED]


def test_too_many_values() -> None:
    raw = read_mask(encoded(np.arange(2000, dtype=np.uint16).reshape(40, 50)))
    found = code_masks([facts_of(raw)], None, (), place="here")
    assert found.coding is None
    assert "too many to be classes" in found.problems[0]


def test_nothing_but_what_is_left_out() -> None:
    assert coded([255], ignore=(255,)).coding is None


def coloured(*colours: tuple[int, int, int]) -> MaskFacts:
    return facts_of(read_mask(encoded(np.array([colours] * 4, np.uint8))))


def test_colours_by_a_list() -> None:
    found = code_masks([coloured((0, 0, 0), (255, 0, 0))], COLOURS, (), place="here")
    assert found.labels == ("a", "b")
    assert places(found, 0, 255 << 16) == [0, 1]


def test_colours_need_a_list() -> None:
    found = code_masks([coloured((0, 0, 0), (0, 0, 0), (0, 9, 0))], None, (), place="here")
    assert found.problems[1:] == [
        "colour 0 0 0 in 1 mask, 66.67% of all pixels",
        "colour 0 9 0 in 1 mask, 33.33% of all pixels",
    ]
    assert "classes.txt" in found.hint
    without = code_masks([coloured((0, 9, 0))], NAMES, (), place="here")
    assert "no colours in classes.txt" in without.problems[0]


def test_colours_outside_of_the_list() -> None:
    found = code_masks([coloured((0, 0, 0), (1, 2, 3))], COLOURS, (), place="here")
    assert found.problems[0] == "1 colours in the masks are not in classes.txt:"
    assert found.problems[1].startswith("colour 1 2 3")


def test_a_colour_can_be_left_out_by_its_line() -> None:
    found = code_masks([coloured((0, 0, 0), (255, 0, 0))], COLOURS, (0,), place="here")
    assert found.labels == ("b",)
    assert places(found, 0, 255 << 16) == [IGNORED, 0]


def test_a_line_that_is_not_there_leaves_nothing_out() -> None:
    found = code_masks([coloured((0, 0, 0), (255, 0, 0))], COLOURS, (7, -1), place="here")
    assert found.labels == ("a", "b")
    assert "classes.txt has no line 7, from 0\nclasses.txt has no line -1, from 0" in lines(found)


def with_palette(values: Sequence[int]) -> RawMask:
    """Numbers of a palette that is black, red, and black from there on."""
    image = Image.fromarray(numbers(values))
    image.putpalette([0, 0, 0, 255, 0, 0, *[0] * 254 * 3])
    return read_mask(encoded(image))


def test_255_beyond_a_palette_is_left_out() -> None:
    raw = with_palette([0, 1, 255, 255])
    found = code_masks([facts_of(raw)], COLOURS, (), place="here")
    assert found.labels == ("a", "b")
    assert found.coding is not None
    assert found.coding.pixels(raw)[0, :4].tolist() == [0, 1, IGNORED, IGNORED]
    assert "pixels of value 255 (50.00%) are left out, as is usual" in lines(found)


def test_other_numbers_beyond_a_palette_are_no_class() -> None:
    found = code_masks([facts_of(with_palette([0, 1, 7]))], COLOURS, (), place="here")
    assert found.problems[0].startswith("value 7 in 1 mask, 33.33% of all pixels: it is not among the 2 classes")
    mixed = [facts_of(with_palette([0, 1, 7])), coloured((0, 0, 0), (255, 0, 0))]
    found = code_masks(mixed, COLOURS, (), place="here")
    assert found.problems[1].startswith("numbers without a colour in their palette in 1 mask")


def test_one_kind_of_masks() -> None:
    found = code_masks([coloured((0, 0, 0), (255, 0, 0)), *facts([0, 1])], COLOURS, (), place="here")
    assert "1 of 2 masks hold numbers" in found.problems[0]


def test_black_and_white_from_jpeg_is_split_in_the_middle() -> None:
    smooth = np.zeros((32, 32), np.uint8)
    smooth[:, 16:] = 255
    found = code_masks([facts_of(read_mask(encoded(smooth, "JPEG")))], None, (), place="here")
    assert found.coding is not None
    assert found.coding.codes(np.array([3, 250], np.int32), None).tolist() == [0, 1]
    assert "split at 128" in lines(found)


def test_other_masks_from_jpeg_are_lost() -> None:
    found = code_masks(facts([0, 40, 90, 130], format="JPEG"), None, (), place="here")
    assert "smears" in found.problems[0]
    assert "PNG" in found.hint
