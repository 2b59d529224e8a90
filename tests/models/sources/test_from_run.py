"""A saved run as a model to start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import headstart as hs
from headstart import models
from headstart.artefact import TrainedModel
from headstart.core.errors import ModelError, RunError
from headstart.core.run_record import RunRecord
from tests.answers import VIEWS, trained_model
from tests.cli.command import called
from tests.worlds import write_network, write_world


def fitted(root: Path, strategy: str, *, model: Path | None = None, name: str = "run", **settings: object) -> Path:
    """A run on a small world, of few steps."""
    given = {} if strategy == "linear-probe" else {"epochs": 1, "batch_size": 8, "augmentation": "none", **settings}
    options = hs.FitOptions(
        model=str(model or write_network(root / "network")),
        strategy=strategy,
        settings=hs.StrategyOptions(**given),  # type: ignore[arg-type]
    )
    data = root / "shapes"
    return hs.fit(
        data if data.exists() else write_world(data, train=6, test=2), output=root / name, options=options
    ).folder


def several(root: Path) -> Path:
    """A folder with a model of two networks, and without the record of how it came about."""
    trained_model(root, VIEWS).save(root / "run")
    return root / "run"


def test_the_weights_are_those_of_the_last_network(tmp_path: Path) -> None:
    folder = several(tmp_path)
    trained = TrainedModel.load(folder)
    network = models.load(str(folder))
    ours, theirs = network.state_dict(), trained.networks[-1].state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert not network.training
    assert (network.width, network.stage_width) == (trained.networks[-1].width, trained.networks[-1].stage_width)
    assert network.architecture == trained.record.networks[-1].architecture
    inputs = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(network(inputs).pooled, trained.networks[-1](inputs).pooled)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = several(tmp_path)
    weights = load_file(folder / "weights.safetensors")
    broken = next(name for name in weights if name.startswith("networks.1.") and weights[name].is_floating_point())
    weights[broken].fill_(float("nan"))
    save_file(weights, folder / "weights.safetensors")
    with pytest.raises(ModelError, match="is damaged: .* hold what is no number"):
        models.load(str(folder))


def test_a_fine_tuned_network_says_what_it_has_learnt_from(tmp_path: Path) -> None:
    folder = fitted(tmp_path, "full")
    change_record(folder, best_epoch=1, trained_parameters=RunRecord.read(folder / "run.json").parameters)
    card = models.card(str(folder))
    assert (card.id, card.source, card.pretrained_on) == (str(folder), "saved-run", "shapes")
    assert card.ancestry == ("unknown", "shapes")  # the tiny network does not say what it comes from
    assert card.source_labels == ("circle", "cross", "stripe")
    assert card.location == str(folder)
    assert card.revision.startswith("sha256:")
    again = fitted(tmp_path, "full", model=folder, name="again")
    for name, shown in (("hub/others", "hub/others"), ("./others", "others"), ("", "again")):
        change_record(again, data_name=name, trained_parameters=10**6)
        assert models.card(str(again)).ancestry == ("unknown", "shapes", shown)


def change_record(folder: Path, **changes: object) -> None:
    record = RunRecord.read(folder / "run.json")
    record.model_copy(update=changes).write(folder / "run.json")


def test_a_probe_adds_nothing_to_what_the_network_has_learnt_from(tmp_path: Path) -> None:
    folder = fitted(tmp_path, "linear-probe")
    before, card = models.card(str(tmp_path / "network")), models.card(str(folder))
    assert card.pretrained_on == before.pretrained_on
    assert card.ancestry == ()
    assert card.source_labels == before.source_labels
    network, start = models.load(str(folder)), models.load(str(tmp_path / "network"))
    assert all(torch.equal(value, start.state_dict()[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("method", ["full", "lp-ft"])
def test_a_run_that_kept_the_pretrained_network_adds_nothing_either(tmp_path: Path, method: str) -> None:
    """Whatever was tried: of a fine-tuning below its floor, or of views of which the probe was best."""
    folder = fitted(tmp_path, "linear-probe")
    plan = RunRecord.read(folder / "run.json").plan
    tried = plan.model_copy(update={"strategy": plan.strategy.model_copy(update={"method": method})})
    change_record(folder, plan=tried, best_epoch=0)
    card = models.card(str(folder))
    assert (card.ancestry, card.pretrained_on) == ((), models.card(str(tmp_path / "network")).pretrained_on)


def test_a_fit_that_starts_from_a_run_starts_from_its_weights(tmp_path: Path) -> None:
    first = fitted(tmp_path, "full")
    second = fitted(tmp_path, "linear-probe", model=first, name="second")
    ours, theirs = (TrainedModel.load(folder).networks[0].state_dict() for folder in (second, first))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert TrainedModel.load(second).record.networks[0].card.location == ""
    loaded = models.load(str(second)).state_dict()  # and a run of a run is a model, too
    assert all(torch.equal(loaded[name], theirs[name]) for name in theirs)


def test_without_weights_it_is_a_fresh_network_that_has_learnt_from_nothing(tmp_path: Path) -> None:
    folder = several(tmp_path)
    fresh, kept = models.load(str(folder), pretrained=False), models.load(str(folder))
    assert (fresh.card.pretrained_on, fresh.card.ancestry) == ("", ())
    assert any(not torch.equal(value, kept.state_dict()[name]) for name, value in fresh.state_dict().items())


def test_other_channels_are_refused(tmp_path: Path) -> None:
    folder = several(tmp_path)
    assert models.load(str(folder), channels=3).width
    with pytest.raises(ModelError, match="takes 3 channels, not 1") as caught:
        models.load(str(folder), channels=1)
    assert "Leave out --channels" in caught.value.hint


def test_weights_that_are_missing_surplus_or_of_another_shape_are_refused(tmp_path: Path) -> None:
    folder = several(tmp_path)
    file = folder / "weights.safetensors"
    whole = load_file(file)
    name = next(name for name in whole if name.startswith("networks.1.") and whole[name].ndim == 4)
    for changed, message in (
        ({key: value for key, value in whole.items() if key != name}, name.removeprefix("networks.1.")),
        ({**whole, name: torch.zeros(2, 2)}, name.removeprefix("networks.1.")),
        ({**whole, "networks.1.surplus": torch.zeros(1)}, "there are too many"),
    ):
        save_file(changed, file)
        with pytest.raises(ModelError, match=f"do not fit its description: {message}") as caught:
            models.load(str(folder))
        assert "Copy the run again" in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"not safetensors", b"\xff" * 64])
def test_damaged_weights_are_refused(tmp_path: Path, content: bytes) -> None:
    folder = several(tmp_path)
    (folder / "weights.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="not a sound safetensors file"):
        models.load(str(folder))


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"task": 1}'])
def test_a_damaged_description_is_refused(tmp_path: Path, content: str) -> None:
    folder = several(tmp_path)
    (folder / "model.json").write_text(content)
    for use in (models.card, models.load):
        with pytest.raises((ModelError, RunError), match=r"model\.json"):
            use(str(folder))


def test_it_is_shown_like_any_other_model(tmp_path: Path) -> None:
    folder = fitted(tmp_path, "full")
    change_record(folder, trained_parameters=10**6)
    ended = called("models", "show", "./run", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "availability   local" in ended.stdout
    assert "pretrained on  shapes" in ended.stdout
    assert "3: circle, cross, stripe" in ended.stdout


def test_pulling_fetches_nothing_and_no_pattern_lists_it(tmp_path: Path) -> None:
    folder = several(tmp_path)
    assert models.pull(str(folder)) == models.card(str(folder))
    assert models.SOURCES["saved-run"].cards() == []
