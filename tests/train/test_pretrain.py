from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.core.pretraining import PretrainOptions
from headstart.train.groups import parameter_groups
from headstart.train.pretrain import picture_sizes, pretraining_strategy
from tests.train.tiny import tiny_model


def test_pictures_reach_their_size_after_three_quarters_of_the_epochs() -> None:
    sizes = picture_sizes(PretrainOptions(image_size=64, start_size=32, epochs=8))
    assert sizes == (32, 40, 40, 48, 56, 56, 64, 64)


@pytest.mark.parametrize("start", [None, 64, 80])
def test_without_a_smaller_start_the_size_is_the_same_all_the_time(start: int | None) -> None:
    assert picture_sizes(PretrainOptions(image_size=64, start_size=start)) == ()


@given(start=st.integers(8, 200), full=st.integers(9, 256), epochs=st.integers(1, 40))
def test_sizes_never_shrink_and_end_at_the_full_size(start: int, full: int, epochs: int) -> None:
    sizes = picture_sizes(PretrainOptions(image_size=full, start_size=start, epochs=epochs))
    assert list(sizes) == sorted(sizes)
    assert not sizes or (len(sizes) == epochs and max(sizes) <= full)
    assert epochs < 4 or not sizes or sizes[-1] == full


def test_everything_is_trained_statistics_too() -> None:
    strategy = pretraining_strategy(PretrainOptions(learning_rate=0.2).settled("image"))
    groups = parameter_groups(tiny_model()[0], strategy)
    assert {group.learning_rate for group in groups} == {0.2}
    assert strategy.normalisation == "trained"


def test_options_that_leave_something_open_are_no_recipe() -> None:
    with pytest.raises(ValueError, match="settled"):
        pretraining_strategy(PretrainOptions())
