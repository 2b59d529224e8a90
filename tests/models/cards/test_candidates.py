"""What was asked for -> the models that come into question, and the reasons why others do not."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from headstart import models
from headstart.core.candidates import Candidates, Limits
from headstart.core.card import ModelCard
from headstart.core.errors import OptionError
from headstart.models import bundled as bundled_models
from headstart.models.cards import candidates
from headstart.models.cards.candidates import NOT_ALLOWED, broken, expand
from headstart.models.catalogue import catalogued
from headstart.models.fetching import hub
from tests.answers import VIEWS, trained_model
from tests.models.samples import change_json, into_cache, timm_folder, torchvision_folder, transformers_folder


@pytest.fixture
def starter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(bundled_models, "home", lambda: tmp_path / "starter")
    return timm_folder(tmp_path / "starter" / "tiny", "test_resnet")


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """A folder with two models, one that is damaged, one that is none, and what is no folder."""
    home = tmp_path / "models"
    timm_folder(home / "a", "test_resnet")
    transformers_folder(home / "b", "resnet")
    timm_folder(home / "damaged", "test_vit")
    (home / "damaged" / "model.safetensors").write_bytes(b"x")
    (home / "notes").mkdir()
    (home / ".hidden").mkdir()
    (home / "README.md").write_text("Models, some of torchvision.")
    return home


def ids(found: Candidates) -> list[str]:
    return [card.id for card in found.cards]


def reasons(found: Candidates) -> dict[str, str]:
    return {entry.id: entry.why for entry in found.skipped}


def test_nothing_asked_for_is_the_shortlist_the_bundled_and_the_cached(
    starter: Path, hub_cache: Path, torch_cache: Path, several: Path
) -> None:
    into_cache(hub_cache, "timm/test_resnet.r160_in1k", several / "a")
    into_cache(hub_cache, "org/kinds", several / "b")
    torch_cache.mkdir(parents=True)
    (torch_cache / "shufflenetv2_x0.5-f707e7126e.pth").touch()
    found = expand()
    assert set(ids(found)) == {
        "starter/tiny",
        "timm/test_resnet.r160_in1k",
        "hf/org/kinds",
    }
    skipped = reasons(found)
    assert "is damaged" in skipped.pop("torchvision/shufflenet_v2_x0_5:IMAGENET1K_V1")
    assert skipped == {card.id: NOT_ALLOWED for card in catalogued() if card.modality == "image"}
    assert all(card.parameters and card.width and card.input for card in found.cards)


def test_offline_nothing_waits_for_a_network(starter: Path) -> None:
    begun = time.perf_counter()
    found = expand(["hf/org/one", "timm/hf-hub:org/two", "timm/resnet50", "torchvision/resnet50"])
    assert time.perf_counter() - begun < 20
    assert found.cards == ()
    assert reasons(found) == dict.fromkeys(
        ["hf/org/one", "timm/hf-hub:org/two", "timm/resnet50.a1_in1k", "torchvision/resnet50:IMAGENET1K_V2"],
        NOT_ALLOWED,
    )


def test_where_the_network_answers_what_is_not_cached_may_be_had(
    starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "offline", lambda: False)
    monkeypatch.setattr(hub, "reachable", lambda: True)
    found = expand(["timm/resnet50*", "timm/resnet18"])
    assert ids(found) == ["timm/resnet50.a1_in1k", "timm/resnet18.a1_in1k"]
    assert [card.parameters for card in found.cards] == [23_508_032, 11_176_512]
    monkeypatch.setattr(hub, "reachable", lambda: False)
    assert "the hub does not answer" in reasons(expand(["timm/resnet50*"]))["timm/resnet50.a1_in1k"]


def test_a_folder_of_models(several: Path) -> None:
    found = expand([str(several)])
    assert ids(found) == [str(several / "a"), str(several / "b")]
    skipped = reasons(found)
    assert set(skipped) == {str(several / "damaged"), str(several / "notes")}
    assert "no config.json" in skipped[str(several / "notes")]
    assert found.cards[0] == models.card(str(several / "a"))


def test_names_patterns_and_lists_of_folders(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(several.parent)
    assert ids(expand(["models/*"])) == ["./models/a", "./models/b"]
    assert ids(expand(["./models/[ab], models/a"])) == ["./models/a", "./models/b"]
    assert ids(expand(["models/a,models/b"])) == ["./models/a", "./models/b"]
    torchvision_folder(several / "c", "shufflenet_v2_x0_5")
    assert ids(expand([f"torchvision/shufflenet_v2_x0_5:{several / 'c'}", "./models/c"])) == [
        f"torchvision/shufflenet_v2_x0_5:{several / 'c'}",
        "./models/c",
    ]


def test_a_saved_run_is_a_candidate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    trained_model(tmp_path, VIEWS).save(tmp_path / "runs" / "photos-1")
    shutil.copytree(tmp_path / "runs" / "photos-1", tmp_path / "runs" / "photos-2")
    found = expand(["runs/*"])
    assert ids(found) == ["./runs/photos-1", "./runs/photos-2"]
    assert {card.source for card in found.cards} == {"saved-run"}
    assert ids(expand(["runs"])) == ids(found)


def test_a_pattern_over_what_is_at_hand_and_over_everything(starter: Path) -> None:
    at_hand = expand(["timm/mobilenetv4*"])
    everything = expand(["timm/mobilenetv4*"], everything=True)
    assert 1 < len(at_hand.skipped) < len(everything.skipped)
    assert set(reasons(at_hand)) < set(reasons(everything))
    assert len(expand(["torchvision/resnet*"], everything=True).skipped) > 5


def test_all_mistakes_are_told_at_once(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(several)
    asked = ["timm/resnet5O", "nothing", "timm/resnet50,,", "xyz/*", "./x*", "notes", "torchvision/resnet", "hf/a"]
    with pytest.raises(OptionError) as raised:
        expand(asked, limits=Limits(licences=("apache-2", "MIT")))
    text = str(raised.value)
    for words in (
        "Unknown licence 'apache-2'. Did you mean 'Apache-2.0'?",
        "Did you mean 'resnet50'?",
        "'nothing' is not a model id",
        "One of the models is empty",
        "No model matches 'xyz/*'",
        "No folder matches './x*'",
        "There is no model in notes",
        "torchvision has no classifier, segmenter or detector 'resnet'",
        "'a' is not a repository",
    ):
        assert words in text, words


def test_limits_that_the_cards_decide(several: Path, starter: Path) -> None:
    asked = [str(several), "starter/tiny"]
    change_json(several / "a" / "config.json", pretrained_cfg={"license": "cc-by-nc-4.0", "num_classes": 5})
    found = expand(asked, limits=Limits(licences=("permissive",)))
    assert str(several / "a") not in ids(found)
    assert reasons(found)[str(several / "a")] == "its licence is CC-BY-NC-4.0; allowed: permissive"
    assert str(several / "b") in ids(expand(asked, limits=Limits(licences=("mit",))))
    few = expand(asked, limits=Limits(max_parameters=1000))
    assert few.cards == ()
    assert "weights, more than 0.001 M" in reasons(few)["starter/tiny"]
    assert "weights alone take" in reasons(expand(asked, limits=Limits(max_memory=1000)))["starter/tiny"]


@pytest.mark.parametrize(
    ("facts", "limits", "why"),
    [
        ({}, Limits(), None),
        ({"parameters": 50}, Limits(max_parameters=50), None),
        ({"parameters": 51}, Limits(max_parameters=50), "more than"),
        ({}, Limits(max_parameters=50), None),
        ({}, Limits(licences=("MIT",)), "its licence is not known; allowed: MIT"),
        ({"licence": "CC-BY-4.0"}, Limits(licences=("MIT", "permissive")), None),
        ({"licence": "GPL-3.0-only"}, Limits(licences=("permissive",)), "GPL-3.0-only"),
        ({"licence": "GPL-3.0-only"}, Limits(licences=("gpl-3.0",)), None),
        ({"licence": "LicenseRef-dinov3-license"}, Limits(licences=("LicenseRef-dinov3-license",)), None),
    ],
)
def test_what_breaks_a_limit(facts: dict[str, object], limits: Limits, why: str | None) -> None:
    found = broken(ModelCard.model_validate({"id": "m", "source": "timm", **facts}), limits)
    assert (found is None) if why is None else (found is not None and why in found)


def test_what_a_task_needs_and_another_modality(starter: Path) -> None:
    assert ids(expand(["starter/tiny"], needs=("pooled", "logits"))) == ["starter/tiny"]
    assert reasons(expand(["starter/tiny"], needs=("maps",))) == {"starter/tiny": "it does not give maps"}
    assert reasons(expand(["starter/tiny"], modality="text")) == {"starter/tiny": "it is for image, not for text"}


def test_no_weights_are_loaded(several: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("weights were loaded")

    for module in ("safetensors.torch.load_file", "torch.load"):
        monkeypatch.setattr(module, refuse)
    assert len(expand([str(several)]).cards) == 2
