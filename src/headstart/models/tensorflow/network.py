"""A SavedModel as a backbone: features without a gradient, made by TensorFlow in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.models.backbone import Backbone, Features
from headstart.models.files.carried import files_of, pack, unpack
from headstart.models.tensorflow.process import Asked, process_of

FILE = "saved_model.zip"
"""What the SavedModel is called in the folder of a run."""


class TensorflowBackbone(Backbone):
    """It has no weights that torch knows of: the SavedModel travels as it is, and so does its folder's place here."""

    def __init__(self, folder: Path | None, *, card: ModelCard, architecture: Architecture, width: int) -> None:
        super().__init__()
        self.folder, self.card, self.architecture, self.width = folder, card, architecture, width

    def forward(self, inputs: Tensor) -> Features:
        """Pooled features of (N, C, H, W) inputs, on their device and without a gradient."""
        if self.folder is None:
            raise ModelError(
                f"The SavedModel of {self.card.id} is missing: {FILE} is not beside its weights.",
                hint="Copy the whole folder of the run.",
            )
        known = self.architecture.arguments
        asked = Asked(self.folder, str(known["signature"]), str(known["output"]))
        run = process_of(asked, digest=str(known["digest"]), model=self.card.id)
        features = run(inputs.detach().permute(0, 2, 3, 1).float().cpu().numpy())
        return Features(pooled=torch.from_numpy(features).to(inputs.device))

    def layer_groups(self) -> Sequence[tuple[str, ...]]:
        """None: nothing of it can be trained."""
        return ()

    def companions(self) -> dict[str, bytes]:
        """The SavedModel itself."""
        return {} if self.folder is None else {FILE: pack(self.folder, files_of(self.folder))}

    def take_companions(self, files: Mapping[str, bytes]) -> None:
        """Take back the SavedModel. Raises `ModelError` where it is missing or not the same."""
        if FILE not in files:
            raise ModelError(
                f"The SavedModel of {self.card.id} is missing: {FILE} is not beside its weights.",
                hint="Copy the whole folder of the run.",
            )
        self.folder = unpack(files[FILE], digest=str(self.architecture.arguments["digest"]), model=self.card.id)
