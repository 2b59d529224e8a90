"""Options on reading reach the readers."""

from __future__ import annotations

from pathlib import Path

from headstart.cli.data_options import Reading
from headstart.data.reader import ReadOptions


def test_nothing_said_is_nothing_given() -> None:
    assert Reading().options() == ReadOptions()


def test_every_option_arrives() -> None:
    reading = Reading(
        train=Path("a"),
        val=Path("b"),
        test=Path("c"),
        image_column="photo",
        label_column="kind",
        group_column="patient",
        split_column="fold",
        multi_label=True,
    )
    assert reading.options() == ReadOptions(
        train="a",
        validation="b",
        test="c",
        image="photo",
        label="kind",
        group="patient",
        split="fold",
        multi_label=True,
    )


def test_several_label_columns() -> None:
    assert Reading(label_column="cat,dog").options().label == ("cat", "dog")
