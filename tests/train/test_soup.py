"""A soup is an average of epochs that is never worse than the best of them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart.tasks.task import Model
from headstart.train.loop import TrainSettings, Validation, train
from headstart.train.soup import INGREDIENTS, Soup
from tests.train.tiny import FROZEN_BODY, strategy, tiny_feed, tiny_model


def layer_at(value: float) -> nn.Linear:
    layer = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(value)
    return layer


def soup_of(values: list[float], *, target: float) -> tuple[Soup, nn.Linear]:
    """One weight an epoch; the score is how near it is to the target."""
    soup = Soup()
    for epoch, value in enumerate(values, start=1):
        soup.offer(layer_at(value), score=-abs(value - target), epoch=epoch)
    return soup, layer_at(0.0)


def test_epochs_join_from_the_best_down_where_the_average_is_no_worse() -> None:
    soup, layer = soup_of([0.0, 4.0, 5.5, 7.0], target=5.0)
    used = soup.serve(layer, lambda: -abs(layer.weight.item() - 5.0))
    # 5.5; with 4.0 the mean is 4.75, which is nearer; with 7.0 it is 5.5 again; with 0.0 far worse
    assert used == (3, 2)
    assert layer.weight.item() == pytest.approx(4.75)


def test_a_soup_of_one_is_the_best_epoch() -> None:
    soup, layer = soup_of([0.0, 5.0, 20.0], target=5.0)
    assert soup.serve(layer, lambda: -abs(layer.weight.item() - 5.0)) == (2,)
    assert layer.weight.item() == 5.0


def test_only_the_best_epochs_are_remembered() -> None:
    soup, _ = soup_of([float(value) for value in range(3 * INGREDIENTS)], target=7.0)
    assert len(soup.ingredients) == INGREDIENTS
    assert soup.ingredients[0].epoch == 8
    assert min(each.score for each in soup.ingredients) == -4.0


def test_counters_are_those_of_the_best_epoch() -> None:
    soup, norms = Soup(), [nn.BatchNorm1d(2), nn.BatchNorm1d(2)]
    norms[1].train()(torch.randn(4, 2))
    for epoch, norm in enumerate(norms, start=1):
        soup.offer(norm, score=float(epoch), epoch=epoch)
    served = nn.BatchNorm1d(2)
    assert soup.serve(served, lambda: 10.0) == (2, 1)
    assert served.num_batches_tracked.item() == 1
    torch.testing.assert_close(served.running_mean, norms[1].running_mean / 2)


def test_a_training_ends_with_its_soup_and_stops_early_as_without() -> None:
    weights: list[torch.Tensor] = []
    scores = iter([0.1, 0.9, 0.8, 0.7])
    calls = []

    def validate(model: Model) -> Validation:
        calls.append(model.head.linear.weight.detach().clone())
        if len(calls) <= 4:
            weights.append(calls[-1])
            return Validation(next(scores))
        return Validation(0.95 if len(calls) == 5 else 0.0)

    model, task = tiny_model()
    chosen = strategy(epochs=9, early_stopping=True, soup=True)
    result = train(model, task, tiny_feed(), chosen, settings=TrainSettings(patience=2), validate=validate)
    assert (result.stopped, result.best_epoch, result.soup) == ("no improvement", 2, (2, 3))
    torch.testing.assert_close(model.head.linear.weight.detach(), (weights[1] + weights[2]) / 2)


def test_a_soup_without_validation_is_a_mistake() -> None:
    model, task = tiny_model()
    with pytest.raises(ValueError, match="validation callback"):
        train(model, task, tiny_feed(), strategy(soup=True))


@pytest.mark.parametrize("epochs", range(1, INGREDIENTS + 1))
def test_what_is_frozen_is_bit_identical_in_a_soup_of_any_number(epochs: int) -> None:
    """The sum of three equal numbers, divided by three, need not be the number."""
    model, task = tiny_model()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    chosen = strategy(rules=FROZEN_BODY, epochs=epochs, soup=True)
    result = train(model, task, tiny_feed(), chosen, validate=lambda _: Validation(1.0))
    assert len(result.soup) == epochs
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("backbone."), name
