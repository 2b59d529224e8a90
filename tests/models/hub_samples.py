"""Small models in the forms of other libraries' hubs, made on the spot."""

from __future__ import annotations

from pathlib import Path

import torch

HUBCONF = """
dependencies = ["torch"]

from parts import Small


def small(pretrained=False):
    import pathlib

    import torch

    network = Small()
    if pretrained:
        network.load_state_dict(torch.load(pathlib.Path(__file__).parent / "small.pth", weights_only=True))
    return network


def untold():
    return Small()


def fetching(pretrained=False):
    import torch

    network = Small()
    if pretrained:
        network.load_state_dict(torch.hub.load_state_dict_from_url("https://example.org/small-weights.pth"))
    return network


def maps():
    return Small().features


def broken():
    raise KeyError("no such thing")


def number():
    return 3
"""
PARTS = """
from torch import nn


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, stride=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Conv2d(6, 8, 3, stride=2), nn.ReLU()
        )
        self.dropout = nn.Dropout(0.5)
        self.head = nn.Linear(8, 5)

    def forward(self, inputs):
        return self.head(self.dropout(self.features(inputs).mean((2, 3))))
"""


def hub_folder(folder: Path) -> Path:
    """A folder with a `hubconf.py`, a module of its own, and weights."""
    folder.mkdir(parents=True)
    (folder / "hubconf.py").write_text(HUBCONF)
    (folder / "parts.py").write_text(PARTS)
    names: dict[str, type[torch.nn.Module]] = {}
    exec(PARTS, names)
    with torch.random.fork_rng([]):
        torch.manual_seed(1)
        torch.save(names["Small"]().state_dict(), folder / "small.pth")
    return folder


def hub_network(folder: Path) -> torch.nn.Module:
    """The classifier that `small` of `hub_folder` gives, made without the hub."""
    names: dict[str, type[torch.nn.Module]] = {}
    exec((folder / "parts.py").read_text(), names)
    network = names["Small"]()
    network.load_state_dict(torch.load(folder / "small.pth", weights_only=True))
    return network.eval()
