"""The table of arms."""

from __future__ import annotations

from headstart.comparing import ARMS
from headstart.comparing.running import entries_of
from headstart.core.verdict import VerdictOptions


def test_by_default_transfer_meets_two_arms_from_nothing_and_the_probe() -> None:
    entries = entries_of(VerdictOptions())
    assert [(entry.name, entry.role) for entry in entries] == [
        ("transfer", "transfer"),
        ("scratch", "from nothing"),
        ("random-weights", "from nothing"),
        ("linear-probe", "other"),
    ]
    assert all(entry.arm in ARMS for entry in entries)


def test_every_arm_is_told_the_same_about_data_and_machine() -> None:
    asked = VerdictOptions(model="m", models=("n",), image_size=32, device="cpu", validation=0.3, test=0.1)
    entries = entries_of(asked)
    for entry in entries:
        options = entry.options
        assert (options.image_size, options.device, options.validation, options.test) == (32, "cpu", 0.3, 0.1)
        assert options.model == ("n" if entry.name == "n" else "m")
        assert options.single
