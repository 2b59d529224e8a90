"""From labelled pictures to a folder that timm and Headstart load, with the accuracy that was measured."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from headstart import models
from headstart.core import compatibility
from headstart.core.compatibility import CompatibilityError
from headstart.core.console import Progress
from headstart.core.dataset import Dataset, Part
from headstart.core.errors import Interrupted, ModelError, OptionError
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.data.columns import ArrayColumn
from headstart.data.reader import ReadOptions
from headstart.data.reading import read
from headstart.pretraining import pretrain
from headstart.train.loop import _Training
from headstart.train.picture_feed import PictureFeed
from tests.worlds import CLASSES, draw, write_world

OPTIONS = PretrainOptions(
    architecture="test_resnet", image_size=32, epochs=6, batch_size=12, learning_rate=0.05, data_name="Shapes", seed=1
)


@pytest.fixture
def shapes() -> Dataset:
    """60 pictures to learn from and 30 held out, of three shapes."""
    generator = np.random.default_rng(0)
    targets = np.arange(90, dtype=np.int32) % 3
    pictures = [np.asarray(draw(CLASSES[target], generator)) for target in targets]
    parts = np.where(np.arange(90) < 60, Part.TRAIN, Part.TEST).astype(np.int8)
    return Dataset(
        task="image-classification",
        labels=CLASSES,
        inputs=ArrayColumn(pictures),
        targets=targets,
        parts=parts,
        source="somewhere/shapes",
        given_parts=("train", "val"),
    )


def test_it_learns_and_what_timm_loads_gives_the_measured_accuracy(tmp_path: Path, shapes: Dataset) -> None:
    import timm

    folder = tmp_path / "shapes-net"
    record = pretrain(shapes, folder=folder, options=OPTIONS.model_copy(update={"epochs": 2}))
    assert record.accuracy is not None
    assert 0.4 < record.accuracy < 1  # better than chance, and not so good that any model like it would agree
    assert (record.items, record.held_out, record.labels) == ({"train": 60, "held out": 30}, "val", 3)
    assert sorted(path.name for path in folder.iterdir() if path.is_file()) == [
        "MODEL_CARD.md",
        "config.json",
        "curve.csv",
        "model.safetensors",
        "pretraining.json",
    ]
    assert PretrainRecord.read(folder / "pretraining.json") == record

    network = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    config = timm.data.resolve_data_config({}, model=network)
    assert (tuple(config["input_size"]), config["crop_pct"]) == ((3, 32, 32), 1.0)
    mean, std = torch.tensor(config["mean"]), torch.tensor(config["std"])
    held_out = shapes.part(Part.TEST)
    right = 0
    for index, target in enumerate(held_out.targets):
        pixels = torch.from_numpy(np.array(held_out.inputs.read(index))) / 255
        logits = network(((pixels - mean) / std).permute(2, 0, 1)[None])
        right += int(logits.argmax()) == target
    assert right / 30 == pytest.approx(record.accuracy)


def test_the_folder_is_a_model_id_with_its_facts(tmp_path: Path, shapes: Dataset) -> None:
    folder = tmp_path / "net"
    pretrain(shapes, folder=folder, options=OPTIONS.model_copy(update={"epochs": 1, "licence": "MIT"}))
    card = models.card(str(folder))
    assert (card.pretrained_on, card.licence, card.source_labels) == ("Shapes", "MIT", CLASSES)
    assert card.input is not None
    assert (card.input.size, card.input.crop_fraction) == ((32, 32), 1.0)
    assert models.load(str(folder), channels=1)(torch.zeros(1, 1, 32, 32)).pooled is not None
    text = (folder / "MODEL_CARD.md").read_text()
    assert "license: mit" in text
    assert "headstart pretrain shapes --output net --architecture test_resnet --image-size 32 --epochs 1" in text


def test_the_same_seed_gives_the_same_file(tmp_path: Path, shapes: Dataset) -> None:
    few = OPTIONS.model_copy(update={"epochs": 1, "start_size": 16})
    for name in ("one", "two"):
        pretrain(shapes, folder=tmp_path / name, options=few)
    pretrain(shapes, folder=tmp_path / "three", options=few.model_copy(update={"seed": 2}))
    one, two, three = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two", "three"))
    assert one == two
    assert one != three


def test_validation_pictures_are_learnt_from_and_held_out_ones_are_not(
    tmp_path: Path, shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = []
    original = PictureFeed.__init__

    def counted(self: PictureFeed, *arguments: object) -> None:
        original(self, *arguments)
        lengths.append(len(self))

    monkeypatch.setattr(PictureFeed, "__init__", counted)
    parts = shapes.parts.copy()
    parts[:20] = Part.VALIDATION
    pretrain(replace(shapes, parts=parts), folder=tmp_path / "net", options=OPTIONS.model_copy(update={"epochs": 1}))
    assert lengths == [60, 30]


def test_an_interrupted_training_goes_on_to_the_same_weights(
    tmp_path: Path, shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = OPTIONS.model_copy(update={"epochs": 3, "average_decay": 0.9})
    monkeypatch.setattr("headstart.train.saving.SHARE", float("inf"))
    expected = pretrain(shapes, folder=tmp_path / "whole", options=few)
    original, epochs = _Training.one_epoch, iter(range(9))

    def interrupted(self: _Training, bar: Progress) -> None:
        if next(epochs) == 2:
            raise KeyboardInterrupt
        original(self, bar)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Training, "one_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pretrain(shapes, folder=tmp_path / "net", options=few)
    record = pretrain(shapes, folder=tmp_path / "net", options=few)
    assert (record.epochs, record.steps, record.stopped) == (3, 15, "")
    assert record.accuracy == expected.accuracy
    one, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "net"))
    assert one == other


def test_the_verb_goes_on_and_may_be_told_to_end_sooner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import headstart as hs

    data, folder = write_world(tmp_path / "data", train=6, test=2), tmp_path / "net"
    few = OPTIONS.model_copy(update={"epochs": 3})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Training, "one_step", interrupted)
        with pytest.raises(Interrupted, match=f"headstart pretrain --resume {folder}"):
            hs.pretrain(data, output=folder, options=few)
    with pytest.raises(OptionError, match="--epochs was 3 and is 4 now"):
        hs.pretrain(output=folder, options=few.model_copy(update={"epochs": 4}), resume=True)
    record = hs.pretrain(output=folder, options=PretrainOptions(max_minutes=1e-9), resume=True)
    assert (record.options, record.stopped) == (few.model_copy(update={"max_minutes": 1e-9}).settled("image"), "time")
    assert hs.pretrain(output=folder, resume=True) == record
    assert not {"request.json", "checkpoint.safetensors", ".lock"} & {path.name for path in folder.iterdir()}


def test_the_clock_ends_it_and_the_card_says_so(tmp_path: Path, shapes: Dataset) -> None:
    record = pretrain(shapes, folder=tmp_path / "net", options=OPTIONS.model_copy(update={"max_minutes": 1e-9}))
    assert (record.epochs, record.steps, record.stopped) == (1, 1, "time")
    assert "It ended early: time." in (tmp_path / "net" / "MODEL_CARD.md").read_text()


def test_options_that_do_not_go_together_are_told_at_once(tmp_path: Path, shapes: Dataset) -> None:
    several = replace(shapes, targets=np.zeros((90, 3), np.uint8))
    with pytest.raises(OptionError) as caught:
        pretrain(
            several, folder=tmp_path, options=OPTIONS.model_copy(update={"start_size": 16, "augmentation": "flip"})
        )
    assert len(caught.value.problems) == 2


def test_an_architecture_that_timm_does_not_know_is_told(tmp_path: Path, shapes: Dataset) -> None:
    with pytest.raises(ModelError, match="Did you mean"):
        pretrain(shapes, folder=tmp_path, options=OPTIONS.model_copy(update={"architecture": "resnet81"}))


def test_the_bundled_starter_was_written_in_this_form() -> None:
    from headstart.models.bundled import folder_of

    folder = folder_of("tiny-resnet")
    config = json.loads((folder / "config.json").read_text())
    assert len(config["label_names"]) == config["num_classes"] == 200
    assert (folder / "model.safetensors").stat().st_size <= 4_000_000
    card = models.card("starter/tiny-resnet")
    assert (card.licence, card.pretrained_on) == ("Apache-2.0", "Tiny-ImageNet")


def test_packages_that_do_not_fit_are_told_before_anything_is_trained(
    tmp_path: Path, shapes: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compatibility, "version", {"torch": "2.13.0", "torchvision": "0.29.0"}.__getitem__)
    with pytest.raises(CompatibilityError, match="do not work together"):
        pretrain(shapes, folder=tmp_path / "net", options=OPTIONS)


def test_what_would_fail_with_such_packages_is_not_imported_before_they_are_checked() -> None:
    code = "import sys, headstart.pretraining; print({'timm', 'torchvision', 'transformers'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_objective_for_other_items_is_told(tmp_path: Path, shapes: Dataset) -> None:
    texts = read((["one", "two"], ["a", "b"]), ReadOptions())
    with pytest.raises(OptionError, match="--objective classification is not for texts"):
        pretrain(texts, folder=tmp_path, options=PretrainOptions(objective="classification"))
    with pytest.raises(OptionError, match="--objective masked-language-model is not for pictures"):
        pretrain(shapes, folder=tmp_path, options=PretrainOptions(objective="masked-language-model"))
