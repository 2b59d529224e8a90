"""The page of a pretrained model and the command that it shows."""

from __future__ import annotations

import shlex
from pathlib import Path

from headstart.core.card import InputFacts
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.models.cards.model_card import command, model_card
from headstart.models.files.folder import front_matter

RECORD = PretrainRecord(
    options=PretrainOptions(licence="MIT", start_size=32, average_decay=0.99).settled("image"),
    source="photos",
    labels=7,
    items={"train": 12345, "held out": 678},
    held_out="val",
    parameters=1_500_000,
    epochs=10,
    steps=1930,
    accuracy=0.4321,
    seconds=100.0,
    examples_per_second=1234.5,
    environment={"device": "cpu", "cores": "2", "torch": "2.14"},
)


def test_it_says_how_good_from_what_and_how() -> None:
    text = model_card(RECORD, name="net", facts=InputFacts(size=(64, 64)))
    for part in ("43.2 % of 678", "12,345 pictures", "1.50 million", "64 x 64 pixels", "from 32 pixels", "decay 0.99"):
        assert part in text


def test_its_metadata_can_be_read_back(tmp_path: Path) -> None:
    (tmp_path / "MODEL_CARD.md").write_text(model_card(RECORD, name="net", facts=InputFacts()))
    assert front_matter(tmp_path)["license"] == "mit"


def test_without_held_out_pictures_it_claims_nothing() -> None:
    text = model_card(RECORD.model_copy(update={"accuracy": None}), name="net", facts=InputFacts())
    assert "No pictures were held out" in text
    assert "%" not in text.split("## Data")[0]


def test_the_command_asks_for_the_same_options() -> None:
    options = PretrainOptions(architecture="resnet10t", architecture_args={"channels": [8, 16]}, learning_rate=0.2)
    words = shlex.split(command(options.settled("image"), data="my photos", output="net"))
    assert words[:5] == ["headstart", "pretrain", "my photos", "--output", "net"]
    given = dict(zip(words[5::2], words[6::2], strict=True))
    assert given["--architecture-args"] == '{"channels":[8,16]}'
    assert given["--learning-rate"] == "0.2"
    assert "--weight-decay" not in given
