"""Counting how far a training has come, across processes."""

from __future__ import annotations

import json
import time

from headstart.train.checkpoint import State
from headstart.train.curve import CurveRow
from headstart.train.position import Position


def test_steps_add_up_to_epochs() -> None:
    position = Position()
    position.count(8, loss=0.5)
    position.count(4, loss=2.0)
    assert (position.step, position.chunk, position.items, position.loss) == (2, 2, 12, 12.0)
    position.next_epoch(CurveRow(1, 2, 1.0, (0.1,), 3.0))
    assert (position.epoch, position.step, position.chunk, position.items, position.loss) == (1, 2, 0, 0, 0.0)
    assert (position.examples, len(position.curve)) == (12, 1)


def test_all_counters_come_back_through_json() -> None:
    position = Position(micro_batch=4, rates=[0.1, 0.01], earlier=100.0)
    position.count(3, loss=1 / 3)
    position.next_epoch(CurveRow(1, 1, 1 / 3, (0.1, 0.01), 3.0, {"validation_accuracy": 0.7}))
    position.count(3, loss=0.1)
    again = Position()
    again.restore(State(json.loads(json.dumps(position.state().values))))
    assert (again.curve, again.loss, again.rates) == (position.curve, position.loss, position.rates)
    assert (again.epoch, again.step, again.chunk, again.items, again.examples) == (1, 2, 1, 3, 3)
    assert again.micro_batch == 4


def test_seconds_go_on_from_those_of_earlier_processes() -> None:
    position = Position(earlier=100.0, started=time.monotonic() - 20)
    assert 120 <= position.seconds() < 130
    again = Position(started=0.0)
    again.restore(position.state())
    assert 120 <= again.earlier <= again.seconds() < 130
