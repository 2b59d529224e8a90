"""Where the pooled features of any network are."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from headstart.core.errors import ModelError
from headstart.models.networks.tracing import Place, pooled, split


class Small(nn.Module):
    """Maps, dropout, a linear head, and whatever `ending` makes of its logits."""

    def __init__(self, ending: Any = None, head: nn.Module | None = None) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU())
        self.block = nn.Conv2d(4, 6, 3)
        self.dropout = nn.Dropout(0.9)
        self.head = nn.Linear(6, 5) if head is None else head
        self.auxiliary = nn.Linear(6, 2)
        self.ending = ending

    def forward(self, inputs: Tensor) -> Any:
        logits = self.head(self.dropout(self.block(self.stem(inputs)).mean((2, 3))))
        return logits if self.ending is None else self.ending(logits)


INPUTS = torch.randn(2, 3, 20, 20, generator=torch.Generator().manual_seed(0))


def features(network: Small) -> Tensor:
    with torch.no_grad():
        return network.eval().block(network.stem(INPUTS)).mean((2, 3))


@pytest.mark.parametrize(
    "ending",
    [None, lambda x: x.softmax(1), lambda x: x.log_softmax(1), torch.sigmoid, lambda x: {"logits": x, "loss": None}],
    ids=["logits", "softmax", "log-softmax", "sigmoid", "named"],
)
def test_features_go_into_the_linear_layer_whose_output_is_the_networks(ending: Any) -> None:
    network = Small(ending)
    expected, head = features(network), network.head
    found = split(network, INPUTS, model="m")
    assert (found.place.text, found.width) == ("before:head", 6)
    assert torch.equal(found.body(INPUTS), expected)
    assert found.head is not None
    assert torch.allclose(found.head(expected), head(expected))  # type: ignore[operator]
    # Of what comes after the features nothing is left, and dropout belongs to the head.
    assert {name.split(".")[1] for name, _ in found.body.named_parameters()} == {"stem", "block"}
    assert torch.allclose(found.body.train()(INPUTS), found.body(INPUTS))


def test_a_head_that_was_put_out_of_action_leaves_the_output() -> None:
    network = Small(head=nn.Identity())
    expected = features(network)
    found = split(network, INPUTS, model="m")
    assert (found.place.text, found.head) == ("output", None)
    assert torch.equal(found.body(INPUTS), expected)


def test_a_convolution_over_one_position_is_a_linear_layer() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 7, 1), nn.Flatten())
    found = split(network, INPUTS, model="m")
    assert (found.place.text, found.width) == ("before:2", 4)
    assert found.head is not None


def test_where_it_cannot_be_told_the_error_names_the_option() -> None:
    for network in (nn.Conv2d(3, 4, 3), Small(torch.exp), nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1))):
        with pytest.raises(ModelError, match="cannot be told where the pooled features of m are") as raised:
            split(network, INPUTS, model="m")
        assert "#features=before:LAYER" in raised.value.hint
    with pytest.raises(ModelError, match=r"head \(N, 5\)"):
        split(Small(torch.exp), INPUTS, model="m")


@pytest.mark.parametrize(("text", "width"), [("after:stem", 4), ("after:block", 6), ("before:head", 6), ("output", 5)])
def test_the_place_can_be_said(text: str, width: int) -> None:
    network = Small(torch.exp)
    with torch.no_grad():
        stem = network.eval().stem(INPUTS)
    found = split(network, INPUTS, model="m", place=Place.of(text, model="m"))
    assert (found.width, found.place.text) == (width, text)
    if text == "after:stem":
        assert torch.equal(found.body(INPUTS), stem.mean((2, 3)))
        assert {name.split(".")[1] for name, _ in found.body.named_parameters()} == {"stem"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("after:sten", "no layer 'sten'. Did you mean 'stem'"),
        ("before:auxiliary", "is not called by itself"),
        ("behind:head", "is no place of features"),
        ("before:", "is no place of features"),
    ],
)
def test_a_place_that_there_is_not(text: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        split(Small(), INPUTS, model="m", place=Place.of(text, model="m"))


def test_a_network_that_does_not_run_or_is_not_the_same_twice() -> None:
    with pytest.raises(ModelError, match="cannot be run on pictures of 3x20x20") as raised:
        split(nn.Sequential(nn.Conv2d(1, 4, 3)), INPUTS, model="m")
    assert "#channels" in raised.value.hint
    with pytest.raises(ModelError, match="other features when it is run again"):
        split(Small(lambda x: x + torch.randn(2, 5)), INPUTS, model="m", place=Place("output"))


def test_gradients_pass_and_requirements_are_as_before() -> None:
    network = Small()
    network.stem.requires_grad_(False)
    body = split(network, INPUTS, model="m").body
    assert {name: value.requires_grad for name, value in body.named_parameters()}["network.block.weight"]
    assert not any(value.requires_grad for name, value in body.named_parameters() if ".stem." in name)
    body(INPUTS).sum().backward()
    assert all((value.grad is not None) == value.requires_grad for value in body.parameters())


def test_maps_and_tokens_are_averaged() -> None:
    assert torch.equal(pooled(INPUTS), INPUTS.mean((2, 3)))
    assert torch.equal(pooled(INPUTS[0]), INPUTS[0].mean(1))
    for value in ([INPUTS], None, INPUTS.long(), INPUTS[0, 0, 0]):
        with pytest.raises(ValueError, match="is no tensor of features"):
            pooled(value)
