"""Learning to fill in words: from texts to a folder that transformers and Headstart load."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

import headstart as hs
from headstart import models
from headstart.core.console import Progress
from headstart.core.errors import Interrupted, OptionError
from headstart.train.loop import _Training

WORDS = ("north", "south", "east", "west")
OPTIONS = hs.PretrainOptions(
    architecture_args={"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32},
    window=16,
    vocabulary=60,
    epochs=2,
    batch_size=4,
    learning_rate=0.02,
    held_out=0.2,
    data_name="Compass",
    licence="MIT",
)


def texts(count: int = 40) -> list[str]:
    """Rows of the same word: whatever is left out can be told from what is there."""
    generator = np.random.default_rng(0)
    return [" ".join([WORDS[place % 4]] * int(generator.integers(30, 40))) for place in range(count)]


def test_it_learns_what_is_left_out_and_transformers_loads_it(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    record = hs.pretrain(
        texts(), output=folder, options=OPTIONS.model_copy(update={"epochs": 10, "learning_rate": 0.01})
    )
    assert record.options.objective == "masked-language-model"
    assert record.accuracy is not None
    assert record.accuracy > 0.6  # of four words, chance gets a quarter
    assert record.items["held out"] > 0
    assert {path.name for path in folder.iterdir() if path.is_file()} == {
        "MODEL_CARD.md",
        "config.json",
        "curve.csv",
        "model.safetensors",
        "pretraining.json",
        "tokenizer.json",
        "tokenizer_config.json",
    }
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    assert tokenizer.tokenize("North [MASK]") == ["north", "[MASK]"]
    network, report = AutoModelForMaskedLM.from_pretrained(folder, local_files_only=True, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert torch.isfinite(network(**tokenizer("north [MASK]", return_tensors="pt")).logits).all()


def test_the_folder_is_a_model_id_with_its_facts(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    record = hs.pretrain(texts(), output=folder, options=OPTIONS)
    card = models.card(str(folder))
    assert (card.modality, card.pretrained_on, card.licence, card.width) == ("text", "Compass", "MIT", 16)
    assert card.input is not None
    assert card.input.length == 16  # type: ignore[union-attr]
    backbone = models.load(str(folder))
    assert sum(parameter.numel() for parameter in backbone.parameters()) == card.parameters
    page = (folder / "MODEL_CARD.md").read_text()
    assert f"{100 * (record.accuracy or 0):.1f} % of the tokens" in page
    assert "--objective" not in page  # which follows from the data
    assert "--window 16" in page
    data = (texts(12), [text.split()[0] for text in texts(12)])
    run = hs.fit(data, output=tmp_path / "run", options=hs.FitOptions(model=str(folder), strategy="linear-probe"))
    assert run.record.plan.model == str(folder)


def test_labels_are_not_looked_at(tmp_path: Path) -> None:
    several = texts()
    for name, labels in (("one", ["a", "b"] * 20), ("two", ["b", "a"] * 20)):
        lines = [f"{text},{label}" for text, label in zip(several, labels, strict=True)]
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label", *lines]))
        hs.pretrain(tmp_path / f"{name}.csv", output=tmp_path / name, options=OPTIONS)
    one, two = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


def test_an_interrupted_training_goes_on_to_the_same_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.train.saving.SHARE", float("inf"))
    source = tmp_path / "texts.txt"
    source.write_text("\n".join(texts()))
    expected = hs.pretrain(source, output=tmp_path / "whole", options=OPTIONS)
    original, epochs = _Training.one_epoch, iter(range(9))

    def interrupted(self: _Training, bar: Progress) -> None:
        if next(epochs) == 1:
            raise KeyboardInterrupt
        original(self, bar)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_Training, "one_epoch", interrupted)
        with pytest.raises(Interrupted):
            hs.pretrain(source, output=tmp_path / "net", options=OPTIONS)
    record = hs.pretrain(output=tmp_path / "net", resume=True)
    assert (record.epochs, record.accuracy) == (2, expected.accuracy)
    one, other = ((tmp_path / name / "model.safetensors").read_bytes() for name in ("whole", "net"))
    assert one == other


def test_options_for_pictures_are_refused_all_at_once(tmp_path: Path) -> None:
    wrong = OPTIONS.model_copy(update={"image_size": 32, "start_size": 16})
    with pytest.raises(OptionError) as caught:
        hs.pretrain(texts(), output=tmp_path / "net", options=wrong)
    assert len(caught.value.problems) == 2


def test_the_first_guess_is_no_better_than_chance(tmp_path: Path) -> None:
    from headstart.objectives.masked_language_model import OBJECTIVE
    from headstart.pipeline import assign_parts, load_to_pretrain

    dataset = assign_parts(load_to_pretrain(texts()).dataset, validation=0.0, test=0.2)
    lesson = OBJECTIVE.begin(dataset, OPTIONS.settled("text"))
    measured = lesson.measure(lesson.model.eval(), device="cpu")
    assert measured["log_loss"] == pytest.approx(math.log(lesson.labels), rel=0.1)
