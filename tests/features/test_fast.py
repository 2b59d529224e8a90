"""The fast forward: checked against the plain one, which stands in for it where they differ."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from headstart.core.card import InputFacts, ModelCard
from headstart.features import fast as fast_module
from headstart.features.fast import Forward, batch_size_for, fast_forward, plain_forward
from headstart.features.packing import PackedConvolution, can_pack
from headstart.models.backbone import Backbone, Features
from tests.features.samples import FACTS, StagedBackbone, TinyBackbone


def forwards(backbone: Backbone, *, facts: InputFacts = FACTS) -> tuple[Forward, Forward]:
    plain = plain_forward(backbone, device="cpu", precision="float32")
    return fast_forward(backbone, facts=facts, device="cpu", precision="float32", items=100), plain


class PeekingBackbone(TinyBackbone):
    """Uses the output of a convolution beside giving it to its batch norm."""

    def forward(self, inputs: Tensor) -> Features:
        first = self.stem(inputs)
        return Features(pooled=(self.norm(first) + 5 * first).mean((2, 3)))


class AskingBackbone(TinyBackbone):
    """Asks its batch norm for what an identity does not have."""

    def forward(self, inputs: Tensor) -> Features:
        first = self.norm(self.stem(inputs))
        return Features(pooled=(first * self.norm.running_var[0]).mean((2, 3)))


def test_fast_is_plain_to_rounding() -> None:
    fast, plain = forwards(TinyBackbone())
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fast.network.modules())
    assert any(isinstance(module, PackedConvolution) for module in fast.network.modules()) == can_pack()
    assert "2 batch norms folded" in fast.notes[-1]
    for count in (1, 3, 8):
        inputs = torch.randn(count, 3, 16, 16)
        torch.testing.assert_close(fast(inputs), plain(inputs), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", [PeekingBackbone, AskingBackbone])
def test_where_it_would_differ_the_plain_one_is_used_and_said(kind: type[TinyBackbone]) -> None:
    fast, plain = forwards(kind())
    inputs = torch.randn(4, 3, 16, 16)
    assert torch.equal(fast(inputs), plain(inputs))
    assert fast.notes
    assert all("not" in note for note in fast.notes)


def test_the_backbone_is_left_as_it_was() -> None:
    backbone = TinyBackbone().train()
    state = {name: value.clone() for name, value in backbone.state_dict().items()}
    for forward in forwards(backbone):
        forward(torch.randn(4, 3, 16, 16))
    assert backbone.training
    assert isinstance(backbone.norm, nn.BatchNorm2d)
    assert all(torch.equal(value, state[name]) for name, value in backbone.state_dict().items())
    assert all(parameter.requires_grad for parameter in backbone.parameters())


def test_a_few_items_are_not_worth_the_work() -> None:
    fast = fast_forward(TinyBackbone(), facts=FACTS, device="cpu", precision="float32", items=31)
    assert isinstance(fast.network.norm, nn.BatchNorm2d)
    assert fast.notes == ()


def test_without_convolutions_there_is_nothing_to_do() -> None:
    class Dense(TinyBackbone):
        def __init__(self) -> None:
            super().__init__()
            self.stem = self.body = nn.Linear(3 * 16 * 16, 6)

        def forward(self, inputs: Tensor) -> Features:
            return Features(pooled=self.stem(inputs.flatten(1)))

    fast, plain = forwards(Dense())
    inputs = torch.randn(4, 3, 16, 16)
    assert torch.equal(fast(inputs), plain(inputs))
    assert fast.notes == ()


def test_without_onednn_batch_norms_are_folded_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_module, "can_pack", lambda: False)
    fast, plain = forwards(TinyBackbone())
    inputs = torch.randn(4, 3, 16, 16)
    assert not any(isinstance(module, (nn.BatchNorm2d, PackedConvolution)) for module in fast.network.modules())
    torch.testing.assert_close(fast(inputs), plain(inputs), rtol=1e-5, atol=1e-5)


def test_in_bfloat16_it_is_as_far_from_exact_as_the_plain_one() -> None:
    backbone = TinyBackbone()
    inputs = torch.randn(16, 3, 16, 16)
    exact = plain_forward(backbone, device="cpu", precision="float32")(inputs)
    plain = plain_forward(backbone, device="cpu", precision="bfloat16")(inputs)
    fast = fast_forward(backbone, facts=FACTS, device="cpu", precision="bfloat16", items=100)
    assert fast.network.stem.weight.dtype == torch.bfloat16
    assert "folded" in fast.notes[-1]
    assert fast(inputs).dtype == torch.float32
    errors = [float((one - exact).abs().max()) for one in (fast(inputs), plain)]
    assert 0 < errors[0] < 3 * errors[1]


def test_a_backbone_without_pooled_features_is_refused() -> None:
    class Maps(TinyBackbone):
        def forward(self, inputs: Tensor) -> Features:
            return Features(maps=(inputs,))

    with pytest.raises(ValueError, match="no pooled features"):
        plain_forward(Maps(), device="cpu", precision="float32")(torch.randn(1, 3, 16, 16))


def test_a_batch_is_smaller_the_larger_the_pictures() -> None:
    sizes = [batch_size_for(InputFacts(size=(side, side)), "cpu") for side in (32, 224, 448, 2000)]
    assert sizes == [196, 4, 1, 1]
    assert batch_size_for(InputFacts(), "cuda") > 32


@pytest.mark.parametrize("items", [1, 100])
def test_features_of_several_layers_are_those_of_the_plain_forward(items: int) -> None:
    backbone = StagedBackbone()
    fast = fast_forward(backbone, facts=FACTS, device="cpu", precision="float32", items=items, kind="stages")
    assert isinstance(fast.network.norm, nn.BatchNorm2d) == (items == 1)
    inputs = torch.randn(5, 3, 16, 16)
    with torch.no_grad():
        wanted = backbone.eval().forward_stages(inputs).stages
    torch.testing.assert_close(fast(inputs), wanted, rtol=1e-5, atol=1e-5)
    assert fast(inputs).shape == (5, backbone.stage_width)


def test_it_is_features_of_several_layers_that_are_held_against_the_plain_ones() -> None:
    """The pooled features would be right; only what comes before them changes."""

    class PeekingAtStages(StagedBackbone):
        def forward_stages(self, inputs: Tensor) -> Features:
            found = super().forward_stages(inputs)
            assert found.stages is not None
            return Features(pooled=found.pooled, stages=found.stages + self.stem(inputs).mean((2, 3)).repeat(1, 2))

    backbone = PeekingAtStages()
    fast = fast_forward(backbone, facts=FACTS, device="cpu", precision="float32", items=100, kind="stages")
    assert any("not done" in note or "could not" in note for note in fast.notes)
    plain = plain_forward(backbone, device="cpu", precision="float32", kind="stages")
    inputs = torch.randn(4, 3, 16, 16)
    assert torch.equal(fast(inputs), plain(inputs))


def test_a_backbone_without_several_layers_is_refused() -> None:
    with pytest.raises(ValueError, match="last layer's features only"):
        plain_forward(TinyBackbone(), device="cpu", precision="float32", kind="stages")(torch.randn(1, 3, 16, 16))


class Wrapped(Backbone):
    """A library's network as a backbone."""

    def __init__(self, network: nn.Module, pooled: str = "") -> None:
        super().__init__()
        self.network, self.pooled = network, pooled
        self.card = ModelCard(id="test/wrapped", source="test")

    def forward(self, inputs: Tensor) -> Features:
        output = self.network(inputs)
        return Features(pooled=getattr(output, self.pooled).flatten(1) if self.pooled else output)

    def layer_groups(self) -> list[tuple[str, ...]]:
        return [tuple(name for name, _ in self.named_parameters())]


TIMM = {
    "resnet18": 0,
    "mobilenetv3_small_050": 0,
    "efficientnet_lite0": 0,
    "regnety_002": 0,
    "resnetv2_18": 9,
    "vit_tiny_patch16_224": 0,
    "convnext_atto": 0,
}
"""How many batch norms are left: those that normalise before they convolve."""


@pytest.mark.parametrize("name", TIMM)
def test_networks_of_timm(name: str) -> None:
    import timm

    size = {"img_size": 64} if name.startswith("vit") else {}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = timm.create_model(name, num_classes=0, **size)
    fast, plain = forwards(Wrapped(network), facts=InputFacts(size=(64, 64)))
    assert "folded" in fast.notes[-1]
    assert sum(isinstance(module, nn.BatchNorm2d) for module in fast.network.modules()) == TIMM[name]
    inputs = torch.randn(3, 3, 64, 64)
    torch.testing.assert_close(fast(inputs), plain(inputs), rtol=1e-4, atol=1e-4 * float(plain(inputs).abs().max()))


def test_a_network_of_transformers(shared_models: Path) -> None:
    from transformers import AutoModel

    network = AutoModel.from_pretrained(shared_models / "mobilenet_v1_0.25_128.imagenet", dtype=torch.float32)
    fast, plain = forwards(Wrapped(network, "pooler_output"), facts=InputFacts(size=(128, 128)))
    assert "27 batch norms folded" in fast.notes[-1]
    inputs = torch.randn(3, 3, 128, 128)
    torch.testing.assert_close(fast(inputs), plain(inputs), rtol=1e-4, atol=1e-4)
