"""One training leaves no trace in the process."""

from __future__ import annotations

import pytest
import torch

from headstart.train.process_state import own_process_state


def test_generators_start_at_the_seed_and_are_given_back() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    drawn = []
    for _ in range(2):
        with own_process_state(seed=7, device="cpu", precision="float32"):
            drawn.append(torch.rand(3))
    assert torch.equal(*drawn)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.parametrize(("precision", "dtype"), [("bfloat16", torch.bfloat16), ("float32", torch.float32)])
def test_each_has_its_own_precision(precision: str, dtype: torch.dtype) -> None:
    with own_process_state(seed=0, device="cpu", precision=precision) as accelerator:  # type: ignore[arg-type]
        with accelerator.autocast():
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype
        assert accelerator.device.type == "cpu"
