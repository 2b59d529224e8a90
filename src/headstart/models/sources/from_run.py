"""A saved run as a model to start from: what one task has taught, applied to another."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from pathlib import Path

from torch import Tensor

from headstart.core.card import Architecture, ModelCard
from headstart.core.errors import ModelError
from headstart.core.run_record import ModelRecord, RunRecord
from headstart.models.backbone import Backbone
from headstart.models.files.companions import read_companions
from headstart.models.files.folder import DESCRIPTION, RUN_WEIGHTS, folder_id
from headstart.models.files.weights import check_weights, identity, read_weights, tensor_shapes, without_numbers
from headstart.models.identifiers import FOLDER

DAMAGED = "Copy the run again, or fit it again."


class RunSource:
    """Folders of saved runs; of several networks it takes the last, which is the fine-tuned one where there is one."""

    name = "saved-run"

    def installed(self) -> bool:
        """Always: which library builds the network is the matter of another source."""
        return True

    def cards(self, pattern: str = "*") -> list[ModelCard]:
        """None: runs lie where their owner has put them."""
        del pattern
        return []

    def card(self, model: str, *, offline: bool, pretrained: bool = True) -> ModelCard:
        """The card of the run's network, with all that its weights have learnt from. Raises `ModelError`."""
        del offline, pretrained
        folder = _folder(model)
        return _card(folder, ModelRecord.read(folder / DESCRIPTION))

    def load(self, model: str, *, pretrained: bool, offline: bool, channels: int | None = None) -> Backbone:
        """The run's network with its weights, or freshly initialised. Raises `ModelError` where they do not fit."""
        from headstart.models import build

        del offline
        folder = _folder(model)
        record = ModelRecord.read(folder / DESCRIPTION)
        if channels is not None and channels != record.input.channels:
            raise ModelError(
                f"The network of {folder} takes {record.input.channels} channels, not {channels}.",
                hint="Leave out --channels, or start from the model that the run started from.",
            )
        card = _card(folder, record)
        if not pretrained:
            card = card.model_copy(update={"pretrained_on": "", "ancestry": ()})
        network = build(record.networks[-1].architecture, card)
        network.take_companions(read_companions(folder))
        if pretrained:
            _restore(network, folder, place=len(record.networks) - 1)
            if "boxes" in card.gives:
                network.take_own_head(_part(read_weights(folder / RUN_WEIGHTS), "heads.0."))
        return network.eval()

    def build(self, architecture: Architecture, card: ModelCard) -> Backbone:
        """Build from a saved description, which names the library's own source."""
        from headstart.models import build

        return build(architecture, card)

    def pull(self, model: str) -> ModelCard:
        """Nothing has to be fetched."""
        return self.card(model, offline=True)


def _folder(model: str) -> Path:
    folder = Path(model.removeprefix(FOLDER)).expanduser()
    if not (folder / DESCRIPTION).is_file():
        raise ModelError(f"{folder} is not a saved run: it has no {DESCRIPTION}.")
    return folder


def _card(folder: Path, record: ModelRecord) -> ModelCard:
    before = record.networks[-1].card
    told = folder / "run.json"
    taught = RunRecord.read(told) if told.is_file() else None
    # Where heads are all that was learnt, whatever else was tried, the network is as it was before.
    moved = taught is None or taught.trained_parameters > _head_parameters(folder)
    ancestry = before.ancestry or ((before.pretrained_on,) if before.pretrained_on else ())
    # Another task has left the head of a detector behind.
    kept = ("pooled", "boxes", "gradient") if record.task == "object-detection" else ("pooled", "gradient")
    name = _called(taught.data_name) if taught is not None and taught.data_name else folder.name
    return before.model_copy(
        update={
            "id": folder_id(folder),
            "source": RunSource.name,
            "input": record.input,
            "pretrained_on": name if moved else before.pretrained_on,
            "ancestry": (*ancestry, name) if moved else before.ancestry,
            "source_labels": record.labels if moved else before.source_labels,
            "gives": tuple(each for each in kept if each in before.gives),
            "revision": identity([folder / RUN_WEIGHTS]),
            "upstream_accuracy": None,
            "location": str(folder),
        }
    )


def _called(data: str) -> str:
    """What the data are called; where they lie on the machine that trained is nobody's business."""
    path = Path(data)
    return path.name if path.is_absolute() or data.startswith((".", "~")) else data


def _head_parameters(folder: Path) -> int:
    return sum(prod(shape) for name, shape in tensor_shapes(folder / RUN_WEIGHTS).items() if name.startswith("heads."))


def _restore(network: Backbone, folder: Path, *, place: int) -> None:
    file = folder / RUN_WEIGHTS
    check_weights(file)
    prefix = f"networks.{place}."
    weights = _part(read_weights(file), prefix)
    expected = network.state_dict()
    wrong = [name for name, value in expected.items() if name not in weights or weights[name].shape != value.shape]
    if wrong or len(weights) != len(expected):
        raise ModelError(
            f"The weights of {folder} do not fit its description: {', '.join(wrong[:5]) or 'there are too many'}.",
            hint=DAMAGED,
        )
    broken = without_numbers(weights)
    if broken:
        raise ModelError(f"{file} is damaged: {', '.join(broken[:5])} hold what is no number.", hint=DAMAGED)
    network.load_state_dict(weights)


def _part(weights: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Those whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}


SOURCE = RunSource()
