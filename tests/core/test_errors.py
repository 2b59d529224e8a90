"""Errors that a person can act on."""

from __future__ import annotations

import pytest

from headstart.core import errors
from headstart.core.errors import DataError, HeadstartError, OptionError, did_you_mean, unknown


def test_one_problem_is_a_sentence_and_several_are_a_list() -> None:
    assert str(DataError("No label.")) == "No label."
    assert str(DataError("No label.", hint="Add one.")) == "No label.\nAdd one."
    assert str(DataError(iter(["No label.", "No image."]), hint="Add both.")) == "- No label.\n- No image.\nAdd both."


def test_every_error_of_ours_is_bad_input() -> None:
    kinds = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(kinds) > 4
    assert all(issubclass(kind, HeadstartError) and kind.exit_code == 2 for kind in kinds)


@pytest.mark.parametrize(("value", "said"), [("resnet5", " Did you mean 'resnet50'?"), ("zzz", "")])
def test_only_a_close_name_is_suggested(value: str, said: str) -> None:
    assert did_you_mean(value, ["resnet50", "vit"]) == said


def test_an_unknown_name_is_answered_with_what_is_allowed() -> None:
    error = unknown("method", "ful", ["scratch", "full"])
    assert isinstance(error, OptionError)
    assert error.problems == ("Unknown method 'ful'. Did you mean 'full'?",)
    assert error.hint == "Allowed: full, scratch."
