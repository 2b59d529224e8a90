"""The page of a pretrained encoder of texts."""

from __future__ import annotations

from pathlib import Path

from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.models.cards.encoder_card import encoder_card
from headstart.models.files.folder import front_matter

RECORD = PretrainRecord(
    options=PretrainOptions(licence="MIT", data_name="Reviews", average_decay=0.99).settled("text"),
    source="texts.csv",
    labels=4321,
    items={"train": 12345, "held out": 678},
    held_out="set aside by content",
    parameters=1_500_000,
    epochs=10,
    steps=1930,
    accuracy=0.4321,
    seconds=100.0,
    examples_per_second=12.5,
    environment={"device": "cpu", "cores": "2", "torch": "2.14"},
)


def test_it_says_how_good_from_what_and_how(tmp_path: Path) -> None:
    text = encoder_card(RECORD, name="net")
    for part in (
        "43.2 % of the tokens",
        "678 held-out texts",
        "12,345 texts",
        "4,321 tokens",
        "decay 0.99",
        "No labels",
    ):
        assert part in text
    (tmp_path / "MODEL_CARD.md").write_text(text)
    assert front_matter(tmp_path)["datasets"] == ["Reviews"]
    assert front_matter(tmp_path)["license"] == "mit"


def test_without_held_out_texts_it_claims_nothing() -> None:
    text = encoder_card(RECORD.model_copy(update={"accuracy": None}), name="net")
    assert "No texts were held out" in text
