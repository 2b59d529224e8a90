from __future__ import annotations

import numpy as np
import torch

from headstart.core.targets import IGNORED
from headstart.train.mask_tensor import mask_tensor
from headstart.train.placement import Placement
from tests.pixels import Pixels


def test_a_mask_in_the_canvas() -> None:
    mask = Pixels(np.array([[0, 1], [2, IGNORED]], np.int16))
    found = mask_tensor(mask, Placement(size=(2, 2), scaled=(2, 2), canvas=(3, 4), top=1, left=1))
    assert found.dtype == torch.int64
    assert found.tolist() == [[-1] * 4, [-1, 0, 1, -1], [-1, 2, -1, -1]]
