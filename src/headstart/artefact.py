"""A trained model as it is kept: safetensors and JSON, with labels and preprocessing inside. No pickle is reachable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from headstart import models
from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.core.run_record import ModelRecord
from headstart.tasks import TASKS
from headstart.tasks.task import Model

WEIGHTS = "weights.safetensors"
DESCRIPTION = "model.json"


@dataclass(frozen=True)
class TrainedModel:
    """A backbone with its head, and the record that says how to feed it and how to read its answers."""

    record: ModelRecord
    model: Model

    def save(self, folder: Path) -> None:
        """Write `weights.safetensors` and `model.json` into `folder`. Raises `RunError` where that is not possible."""
        from safetensors.torch import save

        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in self.model.state_dict().items()}
        write_atomically(folder / WEIGHTS, save(tensors, metadata={"format": "pt"}))
        self.record.write(folder / DESCRIPTION)

    @classmethod
    def load(cls, folder: Path) -> TrainedModel:
        """Read a model back, on the CPU and in evaluation mode, without the network.

        Raises `RunError` where the folder is not a saved model or its weights do not fit its description.
        """
        record = ModelRecord.read(folder / DESCRIPTION)
        backbone = models.build(record.architecture, record.card)
        task = TASKS[record.task](multi_label=record.multi_label)
        model = Model(backbone, task.head(backbone, len(record.labels)))
        _restore(model, _read_weights(folder / WEIGHTS), folder)
        return cls(record, model.eval())


def _read_weights(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except FileNotFoundError as error:
        raise RunError(f"{path} does not exist: the run was not finished, or the file was removed.") from error
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise RunError(f"{path} is damaged: {error}.", hint="Copy the run again, or fit it again.") from error


def _restore(model: Model, weights: dict[str, Tensor], folder: Path) -> None:
    expected = model.state_dict()
    problems = [f"missing: {name}" for name in sorted(expected.keys() - weights.keys())]
    problems += [f"unexpected: {name}" for name in sorted(weights.keys() - expected.keys())]
    problems += [
        f"{name} has shape {tuple(weights[name].shape)}, expected {tuple(value.shape)}"
        for name, value in expected.items()
        if name in weights and weights[name].shape != value.shape
    ]
    if problems:
        raise RunError(problems[:10], hint=f"The weights in {folder} do not fit their description.")
    with torch.no_grad():
        model.load_state_dict(weights)
