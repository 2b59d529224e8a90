"""Options that say how labelled data are to be read; a command takes them as one parameter: `reading: Reading`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from headstart.core.errors import OptionError

if TYPE_CHECKING:
    from headstart.data.reader import ReadOptions


@dataclass(frozen=True)
class Reading:
    """Where the parts are and what the columns are called; what is not said is found out."""

    train: Annotated[Path | None, Option(help="Training data in a place of their own.")] = None
    val: Annotated[Path | None, Option(help="Validation data in a place of their own.")] = None
    test: Annotated[Path | None, Option(help="Test data in a place of their own.")] = None
    image_column: Annotated[str | None, Option(help="Column with the path of the picture.")] = None
    mask_column: Annotated[str | None, Option(help="Column with the path of the mask.")] = None
    text_column: Annotated[str | None, Option(help="Column with the text.")] = None
    text_pair_column: Annotated[str | None, Option(help="Column with the second text of a pair.")] = None
    label_column: Annotated[
        str | None, Option(help="Column with the label; several, separated by commas, hold 0 and 1.")
    ] = None
    group_column: Annotated[
        str | None, Option(help="Column whose values never straddle a split, such as the patient.")
    ] = None
    split_column: Annotated[str | None, Option(help="Column with train, val or test.")] = None
    multi_label: Annotated[
        bool | None, Option("--multi-label/--single-label", help="Whether an item may have several labels.")
    ] = None
    ignore_index: Annotated[
        str | None, Option(help="Numbers in masks whose pixels are neither learnt nor counted, such as 255 or 0,11.")
    ] = None

    def options(self) -> ReadOptions:
        """The same as the record that readers take."""
        from headstart.data.reader import ReadOptions

        columns = tuple(self.label_column.split(",")) if self.label_column else ()
        return ReadOptions(
            train=str(self.train) if self.train else None,
            validation=str(self.val) if self.val else None,
            test=str(self.test) if self.test else None,
            image=self.image_column,
            mask=self.mask_column,
            text=self.text_column,
            text_pair=self.text_pair_column,
            label=columns[0] if len(columns) == 1 else columns or None,
            group=self.group_column,
            split=self.split_column,
            multi_label=self.multi_label,
            ignore_index=_numbers(self.ignore_index),
        )


def _numbers(text: str | None) -> tuple[int, ...]:
    words = [] if text is None else [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() for word in words):
        raise OptionError(
            f"--ignore-index is '{text}'.", hint="Give whole numbers separated by commas, such as 255 or 0,11."
        )
    return tuple(map(int, words))
