"""A trained model as it is kept: safetensors and JSON, with labels and preprocessing inside. No pickle is reachable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from headstart import models
from headstart.core.errors import RunError
from headstart.core.files import write_atomically
from headstart.core.modality import Modality, modality_of
from headstart.core.run_record import ModelRecord
from headstart.core.view import View
from headstart.features.words import BagOfWords, bag_of
from headstart.models.backbone import Backbone
from headstart.models.files.companions import read_companions, write_companions
from headstart.models.files.weights import without_numbers
from headstart.tasks import TASKS
from headstart.tasks.task import Model, Task
from headstart.tasks.unit_length import UnitLength

WEIGHTS = "weights.safetensors"
DESCRIPTION = "model.json"
DAMAGED = "Copy the run again, or fit it again."


@dataclass(frozen=True)
class TrainedModel:
    """Networks, a head for each view on their features, and the record that says how to feed them and read the answers.

    `networks` and `heads` stand in the order of the record's networks and views.
    """

    record: ModelRecord
    networks: tuple[Backbone, ...]
    heads: tuple[nn.Module, ...]

    @classmethod
    def of(cls, record: ModelRecord, model: Model) -> TrainedModel:
        """A model of one network and one head."""
        return cls(record, (model.backbone,), (model.head,))

    @property
    def model(self) -> Model:
        """The one network with its one head. Raises `ValueError` for a model of several."""
        if len(self.networks) != 1 or len(self.heads) != 1:
            raise ValueError(f"the model has {len(self.networks)} networks and {len(self.heads)} heads")
        return Model(self.networks[0], self.heads[0])

    @property
    def modality(self) -> Modality:
        """Whether it takes pictures or texts."""
        return modality_of(self.record.task)

    def module(self) -> nn.Module:
        """All networks and heads as one module: `networks.0.`..., `heads.0.`..."""
        whole = nn.Module()
        whole.networks, whole.heads = nn.ModuleList(self.networks), nn.ModuleList(self.heads)
        return whole

    def save(self, folder: Path) -> None:
        """Write `weights.safetensors` and `model.json` into `folder`. Raises `RunError` where that is not possible."""
        from safetensors.torch import save

        state = self.module().state_dict()
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in state.items()}
        write_atomically(folder / WEIGHTS, save(tensors, metadata={"format": "pt"}))
        files = self.networks[0].companions() if self.networks else {}
        for head in self.heads:
            files |= head.companions() if isinstance(head, BagOfWords) else {}
        write_companions(files, folder)
        self.record.write(folder / DESCRIPTION)

    @classmethod
    def load(cls, folder: Path) -> TrainedModel:
        """Read a model back, on the CPU and in evaluation mode, without the network.

        Raises `RunError` where the folder is not a saved model or its weights do not fit its description.
        """
        record = ModelRecord.read(folder / DESCRIPTION)
        networks = tuple(models.build(network.architecture, network.card) for network in record.networks)
        companions = read_companions(folder)
        for network in networks:
            network.take_companions(companions)
        task = TASKS[record.task](multi_label=record.multi_label)
        labels = len(record.labels)
        heads = tuple(
            head_for(view, networks, task, labels=labels) if view.networks else bag_of(companions, labels=labels)
            for view in record.views
        )
        trained = cls(record, networks, heads)
        whole = trained.module()
        _restore(whole, _read_weights(folder / WEIGHTS), folder)
        whole.eval()
        return trained


def head_for(view: View, networks: tuple[Backbone, ...], task: Task, *, labels: int) -> nn.Module:
    """A head of the form that the view needs: the task's own, or a linear one where the features are not one network's.

    Raises `RunError` for a view on a network that there is not.
    """
    if any(place >= len(networks) for place in view.networks) or not view.networks:
        raise RunError(f"The view '{view.name}' names networks {view.networks}; there are {len(networks)}.")
    if len(view.networks) == 1 and not view.stages:
        head = task.head(networks[view.networks[0]], labels)
    else:
        head = task.linear_head(width_of(view, networks), labels)
    return UnitLength(head) if view.unit_length else head


def width_of(view: View, networks: tuple[Backbone, ...]) -> int:
    """The number of features that the view's head takes."""
    chosen = [networks[place] for place in view.networks]
    return sum(network.stage_width if view.stages else network.width for network in chosen)


def _read_weights(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(path)
    except FileNotFoundError as error:
        raise RunError(f"{path} does not exist: the run was not finished, or the file was removed.") from error
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise RunError(f"{path} is damaged: {error}.", hint=DAMAGED) from error
    broken = without_numbers(weights)
    if broken:
        raise RunError(f"{path} is damaged: {', '.join(broken[:5])} hold what is no number.", hint=DAMAGED)
    return weights


def _restore(module: nn.Module, weights: dict[str, Tensor], folder: Path) -> None:
    expected = module.state_dict()
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
        module.load_state_dict(weights)
