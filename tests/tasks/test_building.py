"""The network that a training starts from."""

from __future__ import annotations

from pathlib import Path

import torch

from headstart.tasks import TASKS
from headstart.tasks.building import build
from tests.views.studies import planned


def test_body_and_head_are_those_of_plan_and_seed(tmp_path: Path) -> None:
    """Weights that are drawn, and the head, follow the plan's seed; the caller's random numbers are left alone."""
    plan, task = planned(tmp_path), TASKS["image-classification"]()
    torch.manual_seed(3)
    wanted = torch.rand(1)
    torch.manual_seed(3)
    first, same = (build(plan, task, 3).state_dict() for _ in range(2))
    assert torch.equal(torch.rand(1), wanted)
    assert all(torch.equal(value, same[name]) for name, value in first.items())
    other = build(plan.model_copy(update={"seed": 1}), task, 3).state_dict()
    assert not torch.equal(other["head.linear.weight"], first["head.linear.weight"])
    body = next(name for name in first if name.startswith("backbone.") and name.endswith("weight"))
    assert torch.equal(other[body], first[body])
    fresh = plan.model_copy(update={"pretrained": False, "seed": 5})
    assert not torch.equal(build(fresh, task, 3).state_dict()[body], first[body])
