"""What an id may say after its name."""

from __future__ import annotations

import pytest

from headstart.core.card import InputFacts
from headstart.core.errors import ModelError
from headstart.models.sources.id_options import picture_facts, split_options


def test_an_id_without_options_is_as_it_is() -> None:
    assert split_options("a/b:c@d", allowed=("size",)) == ("a/b:c@d", {})
    facts = InputFacts()
    assert picture_facts(facts, {}, model="m") == facts


def test_options_follow_the_name() -> None:
    name, options = split_options("a#size=32#mean=0.5#std=0.1/0.2/0.3", allowed=("size", "mean", "std"))
    assert name == "a"
    facts = picture_facts(InputFacts(), options, model="m")
    assert (facts.size, facts.mean, facts.std) == ((32, 32), (0.5, 0.5, 0.5), (0.1, 0.2, 0.3))


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ModelError) as raised:
        split_options("a#sise=3#size#mean=1#mean=2", allowed=("size", "mean"))
    assert [problem.split(" in ")[0] for problem in raised.value.problems] == [
        "Unknown option 'sise'",
        "The option 'size'",
        "The option 'mean' is given twice",
    ]
    assert "Did you mean 'size'?" in raised.value.problems[0]


def test_other_channels_take_the_mean_of_the_usual_normalisation() -> None:
    facts = picture_facts(InputFacts(mean=(0.1, 0.2, 0.3)), {"channels": "1"}, model="m")
    assert facts.channels == 1
    assert facts.mean == pytest.approx((0.2,))


@pytest.mark.parametrize(
    "options", [{"size": "x"}, {"size": "-1"}, {"mean": "0.1/0.2"}, {"std": "0"}, {"channels": "0"}, {"mean": "a"}]
)
def test_values_that_make_no_sense(options: dict[str, str]) -> None:
    with pytest.raises(ModelError, match="make no sense"):
        picture_facts(InputFacts(), options, model="m")
