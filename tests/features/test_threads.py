"""Sharing out the cores."""

from __future__ import annotations

import pytest
import torch

from headstart.features import threads as threads_module
from headstart.features.threads import cores_shared_out, workers_for


@pytest.mark.parametrize(
    ("cores", "threads", "expected"), [(2, 2, (2, 1)), (2, 1, (1, 1)), (64, 64, (8, 8)), (4, 8, (4, 1))]
)
def test_cores_are_shared_out(
    monkeypatch: pytest.MonkeyPatch, cores: int, threads: int, expected: tuple[int, int]
) -> None:
    monkeypatch.setattr(threads_module, "cores", lambda: cores)
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    assert workers_for("cpu") == expected
    assert workers_for("cuda:0") == (1, threads)


def test_torch_gets_its_cores_back_even_after_an_error() -> None:
    before = torch.get_num_threads()

    def fail() -> None:
        with cores_shared_out("cpu"):
            assert torch.get_num_threads() == workers_for("cpu")[1]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.get_num_threads() == before
