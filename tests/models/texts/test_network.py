from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from headstart import models
from headstart.core.errors import ModelError
from headstart.models.texts.network import TextBackbone, stage_layers, text_architecture
from headstart.models.texts.tokenizer import FILE
from tests.encoders import write_encoder

TEXTS = ["good film", "the plot was so very dull and bad", "bad"]


@pytest.fixture
def backbone(tmp_path: Path) -> TextBackbone:
    found = models.load(str(write_encoder(tmp_path / "encoder")))
    assert isinstance(found, TextBackbone)
    return found


def inputs_of(backbone: TextBackbone, texts: list[str], *, length: int = 16, padding: int = 0) -> Tensor:
    windows = backbone.tokenizer.windows(texts, length=length)
    most = max(map(len, windows)) + padding
    longest = max(window.shape[1] for several in windows for window in several) + padding
    inputs = torch.full((len(texts), most, 2, longest), -1)
    for row, several in enumerate(windows):
        for place, window in enumerate(several):
            inputs[row, place, :, : window.shape[1]] = torch.from_numpy(window)
    return inputs


@torch.no_grad()
def slowly(backbone: TextBackbone, text: str, *, layer: int = -1) -> Tensor:
    """The mean over the tokens of one text, by transformers and nothing else."""
    ids = torch.from_numpy(backbone.tokenizer.windows([text], length=64)[0][0][:1].astype(np.int64))
    return backbone.body(input_ids=ids, output_hidden_states=True).hidden_states[layer][0].mean(dim=0)


@torch.no_grad()
def test_features_are_means_over_tokens(backbone: TextBackbone) -> None:
    inputs = inputs_of(backbone, TEXTS)
    pooled, several = backbone(inputs).pooled, backbone.forward_stages(inputs).stages
    for row, text in enumerate(TEXTS):
        torch.testing.assert_close(pooled[row], slowly(backbone, text), rtol=1e-5, atol=1e-6)
        expected = torch.cat([slowly(backbone, text, layer=layer) for layer in backbone.layers])
        torch.testing.assert_close(several[row], expected, rtol=1e-5, atol=1e-6)
    assert torch.equal(several[:, -backbone.width :], backbone.forward_stages(inputs).pooled)
    assert backbone.stage_width == several.shape[1] == 3 * 16


@torch.no_grad()
def test_padding_and_company_change_nothing(backbone: TextBackbone) -> None:
    alone = torch.cat([backbone(inputs_of(backbone, [text])).pooled for text in TEXTS])
    torch.testing.assert_close(backbone(inputs_of(backbone, TEXTS, padding=5)).pooled, alone, rtol=1e-5, atol=1e-6)


@torch.no_grad()
def test_windows_are_averaged_by_their_tokens(backbone: TextBackbone) -> None:
    text = "good bad film plot " * 5
    windows = backbone.tokenizer.windows([text], length=8)[0]
    rows = [backbone(torch.from_numpy(window.astype(np.int64))[None, None]).pooled[0] for window in windows]
    sizes = torch.tensor([float(window.shape[1]) for window in windows])
    expected = (torch.stack(rows) * sizes[:, None]).sum(dim=0) / sizes.sum()
    found = backbone(inputs_of(backbone, ["bad", text], length=8)).pooled
    torch.testing.assert_close(found[1], expected, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(found[0], slowly(backbone, "bad"), rtol=1e-5, atol=1e-6)


def test_gradients_reach_every_parameter(backbone: TextBackbone) -> None:
    backbone(inputs_of(backbone, TEXTS)).pooled.square().sum().backward()
    assert all(parameter.grad is not None for parameter in backbone.parameters())


def test_layer_groups_lead_from_the_embeddings_to_the_last_layer(backbone: TextBackbone) -> None:
    groups = backbone.layer_groups()
    assert len(groups) == 4
    assert all("embeddings" in name for name in groups[0])
    assert all(".layer.2." in name for name in groups[3])
    assert sorted(sum(groups, ())) == sorted(name for name, _ in backbone.named_parameters())


@pytest.mark.parametrize(
    ("depth", "layers"),
    [(1, (1,)), (2, (1, 2)), (6, (2, 3, 4, 5, 6)), (12, (4, 6, 7, 9, 10, 12)), (24, (8, 11, 14, 18, 21, 24))],
)
def test_the_upper_layers_stand_side_by_side(depth: int, layers: tuple[int, ...]) -> None:
    assert stage_layers(depth) == layers


def test_it_is_built_again_with_its_tokenizer(backbone: TextBackbone) -> None:
    built = models.build(backbone.architecture, backbone.card)
    assert isinstance(built, TextBackbone)
    with pytest.raises(ModelError, match="has no tokenizer"):
        _ = built.tokenizer
    built.load_state_dict(backbone.state_dict())
    built.take_companions(backbone.companions())
    inputs = inputs_of(built, TEXTS)
    with torch.no_grad():
        assert torch.equal(built(inputs).pooled, backbone(inputs).pooled)
    fresh = backbone.new_like()
    assert isinstance(fresh, TextBackbone)
    assert fresh.tokenizer.text == backbone.tokenizer.text
    assert copy.deepcopy(backbone).tokenizer is backbone.tokenizer


@pytest.mark.parametrize("files", [{}, {FILE: b"{}"}, {FILE: b"\xff"}])
def test_a_tokenizer_that_is_missing_or_damaged_is_said(backbone: TextBackbone, files: dict[str, bytes]) -> None:
    with pytest.raises(ModelError, match=FILE.replace(".", r"\.")):
        backbone.take_companions(files)


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    weights = load_file(folder / "model.safetensors")
    missing = {name: value for name, value in weights.items() if "layer.1.output.dense" not in name}
    save_file(missing, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"lack parts: encoder\.layer\.1\.output\.dense"):
        models.load(str(folder))


def test_weights_of_a_pickle_are_read_as_weights_only(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path / "encoder")
    expected = models.load(str(folder)).state_dict()
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    found = models.load(str(folder)).state_dict()
    assert all(torch.equal(found[name], value) for name, value in expected.items())
    torch.save({**expected, "a": object()}, folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="holds more than weights"):
        models.load(str(folder))


@pytest.mark.parametrize(
    ("config", "problem"),
    [
        ({"model_type": "gpt2"}, "no encoders of texts"),
        ({"model_type": "bart", "is_encoder_decoder": True}, "no encoders of texts"),
        ({"model_type": "bert", "_attn_implementation": "org/kernel"}, "asks for code of the hub"),
        ({"model_type": "bert", "quantization_config": {}}, "quantised"),
        ({"model_type": "bert", "hidden_size": "wide"}, "cannot read the config"),
    ],
)
def test_what_is_no_encoder_is_refused(config: dict[str, object], problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        text_architecture(config, pooling="mean")
