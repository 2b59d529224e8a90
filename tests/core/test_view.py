"""What a saved model says of its networks."""

from __future__ import annotations

from pathlib import Path

from headstart.core.card import Architecture, ModelCard
from headstart.core.view import Network

ARCHITECTURE = Architecture(source="timm", name="resnet18")


def test_a_saved_network_does_not_say_where_its_files_lay(tmp_path: Path) -> None:
    card = ModelCard(id="timm/resnet18", source="timm", revision="abc", location=str(tmp_path / "resnet18"))
    network = Network(card=card, architecture=ARCHITECTURE)
    assert network.card == card.model_copy(update={"location": ""})
    network.write(tmp_path / "network.json")
    assert str(tmp_path) not in (tmp_path / "network.json").read_text()


def test_a_location_that_was_saved_earlier_is_dropped_on_reading(tmp_path: Path) -> None:
    content = {"card": {"id": "hf/a/b", "source": "hf", "location": "/old"}, "architecture": ARCHITECTURE.to_json()}
    assert Network.model_validate(content).card.location == ""


def test_a_saved_network_names_local_models_and_data_without_the_folders_above_them(tmp_path: Path) -> None:
    mine, data = str(tmp_path / "my-model"), str(tmp_path / "flowers")
    card = ModelCard(id=mine, source="timm", pretrained_on=data, ancestry=("ImageNet-1k", data))
    kept = Network(card=card, architecture=ARCHITECTURE).card
    assert (kept.id, kept.pretrained_on, kept.ancestry) == ("./my-model", "flowers", ("ImageNet-1k", "flowers"))


def test_ids_and_names_of_the_public_stay_as_they_are() -> None:
    card = ModelCard(id="hf/google/vit@abc", source="hf", pretrained_on="ImageNet-1k", ancestry=("ImageNet-21k",))
    assert Network(card=card, architecture=ARCHITECTURE).card == card
