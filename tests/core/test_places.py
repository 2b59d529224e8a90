"""Names that do not tell how a machine's folders are laid out."""

from __future__ import annotations

import pytest

from headstart.core.places import local_name, without_place


@pytest.mark.parametrize(
    "place", ["/srv/models/mine", "/srv/models/mine/", "C:\\models\\mine", "\\\\nas\\models\\mine"]
)
def test_an_absolute_path_is_called_by_its_last_part(place: str) -> None:
    assert local_name(place) == "mine"
    assert without_place(place) == "./mine"


@pytest.mark.parametrize(
    "name",
    ["", "./mine", "../models/mine", "timm/resnet50.a1_in1k", "hf/org/name@main", "ImageNet-1k", "list in memory"],
)
def test_any_other_name_stays_as_it_is(name: str) -> None:
    assert local_name(name) == without_place(name) == name


@pytest.mark.parametrize("place", ["/", "C:\\"])
def test_a_root_has_a_name_too(place: str) -> None:
    assert local_name(place) == "root"


def test_nothing_is_taken_off_twice() -> None:
    assert without_place(without_place("/srv/models/mine")) == "./mine"
