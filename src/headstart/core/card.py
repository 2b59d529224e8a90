"""What is known of a pretrained model before it is loaded."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, PositiveInt

from headstart.core.modality import Modality
from headstart.core.record import Record

Gives = Literal["pooled", "maps", "tokens", "logits", "boxes", "gradient"]


class InputFacts(Record):
    """How a model wants its pictures.

    A picture is resized so that its shorter side is `size / crop_fraction` (with `squash` both sides are, whatever its
    shape), centre-cropped to `size` pixels, scaled to 0..1 and normalised by `mean` and `std`. `size` is height and
    width. `channels` is the number of input channels, `interpolation` PIL's name in
    lower case; `fixed_size` says that the network takes no other size. `scale` is how many pixels of an input one
    pixel of the usual training picture became, for networks that were trained on whole pictures.
    """

    size: tuple[PositiveInt, PositiveInt] = (224, 224)
    crop_fraction: float = Field(default=0.875, gt=0)
    crop_mode: Literal["center", "squash"] = "center"
    interpolation: Literal["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"] = "bilinear"
    mean: tuple[float, ...] = (0.485, 0.456, 0.406)
    std: tuple[float, ...] = (0.229, 0.224, 0.225)
    channels: PositiveInt = 3
    fixed_size: bool = False
    scale: float | None = Field(default=None, gt=0)


class TextInput(Record):
    """How a model wants its texts.

    A text is read in windows of at most `length` tokens, special ones included; `cut` reads the first window only. What
    is made of the windows is averaged, each weighing as many tokens as it has. `tokenizer` identifies the tokenizer.
    """

    tokenizer: str
    length: PositiveInt = 256
    long_texts: Literal["windows", "cut"] = "windows"

    @property
    def channels(self) -> None:
        """Texts have none."""
        return None


ModelInput = InputFacts | TextInput
"""How a model wants its inputs, whatever these are."""


class Architecture(Record):
    """How to build the network again without weights and without a network connection.

    `source` is a name of the table of sources, `arguments` what that source's `build` takes: plain JSON values.
    """

    source: str
    name: str
    arguments: dict[str, Any] = {}


class ModelCard(Record):
    """The facts about one model id.

    `parameters` counts the backbone's weights; `pretrained_on` is the name of the source data (empty: not pretrained);
    `ancestry` names all data that the weights have learnt from, one after the other, where there is more than one;
    `revision` pins the weights (a commit, or the hash of a local file); `licence` is an SPDX id or `unknown`.
    """

    id: str
    source: str
    modality: Modality = "image"
    parameters: int | None = None
    width: int | None = None
    input: ModelInput | None = None
    gives: tuple[Gives, ...] = ("pooled", "gradient")
    pretrained_on: str = ""
    ancestry: tuple[str, ...] = ()
    source_labels: tuple[str, ...] = ()
    licence: str = "unknown"
    revision: str = ""
    upstream_accuracy: float | None = None
    location: str = ""
    note: str = ""
