"""Groups of parameters, one for each block of a network."""

from __future__ import annotations

from torch import nn

from headstart.models.networks.layer_blocks import by_block


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(2, 2, bias=False)
        self.second = nn.Sequential(nn.Linear(2, 2, bias=False))


class Normalised(nn.Sequential):
    """A layer and its normalisation, in a sequence of a kind of its own."""


class Stage(nn.Sequential):
    """Blocks, in a sequence of a kind of its own."""


class Holder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(nn.Linear(1, 1).weight)
        self.inside = nn.ModuleList([Block(), Block()])


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.token = nn.Parameter(nn.Linear(1, 1).weight)
        self.stem = Normalised(nn.Conv2d(1, 1, 1), nn.BatchNorm2d(1), nn.ReLU())
        self.stages = nn.Sequential(Stage(Block(), Block()), nn.Sequential(Block()))
        self.holder = Holder()


def test_sequences_are_opened_and_blocks_are_not() -> None:
    assert by_block(Network()) == [
        ("token",),
        ("stem.0.weight", "stem.0.bias", "stem.1.weight", "stem.1.bias"),
        ("stages.0.0.first.weight", "stages.0.0.second.0.weight"),
        ("stages.0.1.first.weight", "stages.0.1.second.0.weight"),
        ("stages.1.0.first.weight", "stages.1.0.second.0.weight"),
        (
            "holder.bias",
            *(f"holder.inside.{place}.{name}.weight" for place in (0, 1) for name in ("first", "second.0")),
        ),
    ]


def test_a_kind_can_be_named_that_is_opened_too() -> None:
    groups = by_block(Network(), opened=(Holder,))
    assert groups[5:] == [
        ("holder.bias",),
        ("holder.inside.0.first.weight", "holder.inside.0.second.0.weight"),
        ("holder.inside.1.first.weight", "holder.inside.1.second.0.weight"),
    ]
