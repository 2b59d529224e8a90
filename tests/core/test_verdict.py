"""The record of a verdict."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from headstart.core.verdict import ArmFacts, ArmResult, VerdictOptions
from tests.comparing.verdicts import verdict_of


def test_an_arm_is_found_by_its_name_and_knows_its_mean() -> None:
    facts = ArmFacts(model="m", method="full", pretrained=True)
    arm = ArmResult(
        name="a", title="", role="other", facts=facts, values=(0.5, 0.7), low=0.4, high=0.8, seconds=(1, 2), budget=3
    )
    assert arm.mean == pytest.approx(0.6)
    verdict = verdict_of().model_copy(update={"arms": (*verdict_of().arms, arm)})
    assert verdict.arm("a") is arm
    assert verdict.arm("scratch").role == "from nothing"


@pytest.mark.parametrize("wrong", [{"repeats": 1}, {"margin": 1.0}, {"budget": 0}, {"seed": 2**31}])
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        VerdictOptions(**wrong)  # type: ignore[arg-type]
