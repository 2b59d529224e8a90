"""The system's refusals are told from other failures, with a next step for each."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from headstart.core.refusals import STEPS, next_step, refusal


def test_a_name_that_is_too_long_is_said_with_the_name(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too long") as caught:
        (tmp_path / ("x" * 300)).stat()
    found = refusal(caught.value)
    assert found is not None
    assert found.problems == (f"{tmp_path / ('x' * 300)} cannot be used: {caught.value.strerror}.",)
    assert found.hint == "Give a shorter name."


def test_a_full_disk_need_not_name_a_file() -> None:
    found = refusal(OSError(errno.ENOSPC, "No space left on device"))
    assert found is not None
    assert found.problems == ("The system refused to read or write a file: No space left on device.",)
    assert "Make room" in found.hint


def test_the_place_of_a_renaming_is_the_new_name() -> None:
    found = refusal(PermissionError(errno.EACCES, "Permission denied", "old", None, b"new"))
    assert found is not None
    assert found.problems == ("new cannot be used: Permission denied.",)


@pytest.mark.parametrize("number", STEPS)
def test_every_refusal_has_a_next_step(number: int) -> None:
    assert next_step(OSError(number, "no")).endswith(".")


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), OSError("broken"), ConnectionError()])
def test_other_failures_are_none(error: OSError) -> None:
    assert refusal(error) is None
