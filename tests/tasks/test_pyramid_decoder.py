from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.tasks.pyramid_decoder import PyramidDecoder, used_maps


@pytest.mark.parametrize(
    ("strides", "used"), [((4, 8, 16, 32), [0, 1, 2, 3]), ((2, 4, 8), [1, 2]), ((16, 16, 16), [0, 1, 2]), ((1, 2), [1])]
)
def test_too_fine_maps_are_left_out(strides: tuple[int, ...], used: list[int]) -> None:
    assert used_maps(strides) == used


def test_sizes_that_are_no_multiples() -> None:
    maps = [torch.randn(1, 3, 9, 13), torch.randn(1, 5, 5, 7), torch.randn(1, 7, 3, 4)]
    assert PyramidDecoder((3, 5, 7), width=32)(maps).shape == (1, 32, 9, 13)


def test_maps_of_one_size() -> None:
    maps = [torch.randn(2, 8, 6, 6)] * 3
    assert PyramidDecoder((8, 8, 8), width=16)(maps).shape == (2, 16, 6, 6)


def test_every_map_is_used_and_every_weight_learns() -> None:
    decoder = PyramidDecoder((3, 5), width=16)
    maps = [torch.randn(1, 3, 8, 8, requires_grad=True), torch.randn(1, 5, 4, 4, requires_grad=True)]
    decoder(maps).square().sum().backward()
    assert all(one.grad is not None and one.grad.abs().sum() > 0 for one in maps)
    assert all(parameter.grad is not None for parameter in decoder.parameters())


def test_no_batch_norm() -> None:
    assert not any(
        isinstance(module, nn.modules.batchnorm._BatchNorm) for module in PyramidDecoder((3,), width=16).modules()
    )
