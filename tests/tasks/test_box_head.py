from __future__ import annotations

import pytest
import torch

from headstart.core.errors import ModelError
from headstart.tasks.box_head import BoxHead, cells_of, levels_of
from tests.tasks.detectors import Maps


def test_every_cell_of_every_level_says_something() -> None:
    backbone = Maps()
    head = BoxHead(backbone, 3)
    found = head(backbone.forward_maps(torch.randn(2, 3, 64, 96)))
    cells = 8 * 12 + 4 * 6 + 2 * 3
    assert found.classes.shape == (2, cells, 3)
    assert found.edges.shape == (2, cells, 4)
    assert found.fit.shape == (2, cells)
    assert found.cells[0].tolist() == [4, 4, 8]
    assert found.cells[-1].tolist() == [80, 48, 32]
    assert (found.edges > 0).all()
    assert 0.005 < found.classes.sigmoid().mean() < 0.02, "it begins with hardly any objects"


def test_parts_have_names() -> None:
    names = {name.partition(".")[0] for name, _ in BoxHead(Maps(), 2).named_parameters()}
    assert names == {"neck", "class_tower", "edge_tower", "classes", "edges", "fit", "scales"}
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in BoxHead(Maps(), 2).modules())


def test_levels_begin_at_stride_8_where_there_are_two() -> None:
    assert levels_of(Maps((4, 8, 16, 32))) == [1, 2, 3]
    assert levels_of(Maps((4, 8))) == [0, 1]
    assert levels_of(Maps((16, 16, 16))) == [2], "a network of attention: the last of its maps"
    with pytest.raises(ModelError, match="no feature maps"):
        levels_of(Maps(()))


def test_a_network_of_few_maps_gets_coarser_levels() -> None:
    backbone = Maps((16, 16))
    head = BoxHead(backbone, 1)
    assert head.strides == [16, 32, 64]
    assert head(backbone.forward_maps(torch.randn(1, 3, 64, 64))).cells[:, 2].unique().tolist() == [16, 32, 64]


def test_edges_are_as_exact_with_sixteen_bits() -> None:
    torch.manual_seed(0)
    backbone = Maps()
    head = BoxHead(backbone, 1)
    maps = backbone.forward_maps(torch.randn(1, 3, 64, 64))
    with torch.autocast("cpu", torch.bfloat16):
        assert head(maps).edges.dtype == torch.float32


def test_cells_are_in_the_order_of_the_maps() -> None:
    cells = cells_of(2, 3, 10, torch.device("cpu"))
    assert cells[:, :2].tolist() == [[5, 5], [15, 5], [25, 5], [5, 15], [15, 15], [25, 15]]
