"""A training that dies at any moment goes on to the very same weights and curve."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from headstart.core.dataset import Indices
from headstart.core.errors import RunError
from headstart.core.strategy import Strategy
from headstart.tasks.task import Model
from headstart.train import saving
from headstart.train.checkpoint import read_checkpoint, write_checkpoint
from headstart.train.feed import Batch
from headstart.train.loop import TrainResult, TrainSettings, Validation, train
from tests.train.tiny import TensorFeed, strategy, tiny_feed, tiny_model

STEPS = 12  # 3 epochs of 4; the batches of 8, 8, 8 and 5 items go through the network in 3, 3, 3 and 2 parts


def first_part(step: int) -> int:
    """How many parts come before a step (from 0)."""
    return 11 * (step // 4) + 3 * (step % 4)


class Killed(BaseException):
    """What no code of ours knows: the process is gone."""


class MortalFeed(TensorFeed):
    """Does something when step `at` (from 0, counted in this process) is about to begin."""

    def __init__(self, plain: TensorFeed, at: int, act: Callable[[], None]) -> None:
        self.inputs, self.targets, self.seen = plain.inputs, plain.targets, []
        self.at, self.act = at + 1, act  # the first batch of all only shows the feed's shape

    def batches(self, chunks: Sequence[Indices], *, epoch: int, device: str) -> Generator[Batch]:
        for batch in super().batches(chunks, epoch=epoch, device=device):
            if self.at == 0:
                self.act()
            self.at -= 1
            yield batch


def die() -> None:
    raise Killed


SGD = strategy(
    epochs=3, momentum=0.9, nesterov=True, normalisation="trained", early_stopping=True, schedule="cosine", warm_up=0.2
)
ADAMW = SGD.model_copy(update={"optimizer": "adamw", "weight_decay": 0.1, "clip_norm": 0.5})
CASES = {"sgd": (SGD, None), "adamw": (ADAMW, None), "averaged": (SGD, 0.9), "adamw averaged": (ADAMW, 0.5)}


def accuracy(model: Model) -> Validation:
    """A validation that draws random numbers, which must not show."""
    torch.rand(3)
    feed = tiny_feed(items=12, seed=5)
    with torch.no_grad():
        right = (model(feed.inputs).argmax(1) == feed.targets).float().mean().item()
    return Validation(right, {"validation_accuracy": right})


def run(
    chosen: Strategy, path: Path | None, *, average: float | None = None, feed: TensorFeed | None = None, **changes: Any
) -> tuple[dict[str, torch.Tensor], TrainResult]:
    model, task = tiny_model()
    settings = TrainSettings(seed=3, micro_batch=3, checkpoint=path, resume=True, patience=9, **changes)
    chosen = chosen.model_copy(update={"average_decay": average})
    result = train(model, task, feed or tiny_feed(items=29), chosen, settings=settings, validate=accuracy)
    return {name: value.clone() for name, value in model.state_dict().items()}, result


def timeless(result: TrainResult) -> tuple[object, ...]:
    rows = tuple(dataclasses.replace(row, seconds=0.0) for row in result.curve)
    return rows, result.steps, result.best_epoch, result.stopped, result.micro_batch


def assert_same(one: tuple[dict[str, torch.Tensor], TrainResult], other: Any) -> None:
    assert one[0].keys() == other[0].keys()
    assert [name for name, value in one[0].items() if not torch.equal(value, other[0][name])] == []
    assert timeless(one[1]) == timeless(other[1])


@pytest.fixture
def every_third_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints that are due after every third step, so that most deaths lose one or two of them."""
    asked = 0

    def due(saver: saving.Saver, *, within_epoch: bool) -> bool:
        nonlocal asked
        asked += within_epoch
        return saver.path is not None and within_epoch and asked % 3 == 0

    monkeypatch.setattr(saving.Saver, "due", due)


@pytest.mark.usefixtures("every_third_step")
@pytest.mark.parametrize("case", CASES)
def test_death_before_any_step_changes_nothing(tmp_path: Path, case: str) -> None:
    chosen, average = CASES[case]
    expected = run(chosen, None, average=average)
    assert expected[1].steps == STEPS
    for step in range(STEPS):
        path = tmp_path / f"{step}.safetensors"
        with pytest.raises(Killed):
            run(chosen, path, average=average, feed=MortalFeed(tiny_feed(items=29), first_part(step), die))
        assert_same(run(chosen, path, average=average), expected)


@pytest.mark.usefixtures("every_third_step")
def test_many_deaths_of_one_training(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint"
    expected = run(ADAMW, None, average=0.9)
    deaths = 0
    for _ in range(50):
        try:
            found = run(ADAMW, path, average=0.9, feed=MortalFeed(tiny_feed(items=29), 13, die))
        except Killed:
            deaths += 1
        else:
            break
    assert deaths > 1
    assert_same(found, expected)


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_death_in_the_validation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    monkeypatch.setattr(saving, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    expected = run(SGD, None, average=0.9)
    calls = iter(range(1, 9))
    whole = accuracy

    def mortal(model: Model) -> Validation:
        if next(calls) == epoch:
            die()
        return whole(model)

    monkeypatch.setitem(globals(), "accuracy", mortal)
    with pytest.raises(Killed):
        run(SGD, tmp_path / "file", average=0.9)
    monkeypatch.setitem(globals(), "accuracy", whole)
    assert_same(run(SGD, tmp_path / "file", average=0.9), expected)


def test_a_training_that_had_ended_takes_no_further_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    expected = run(SGD, tmp_path / "file")
    again = run(SGD, tmp_path / "file", feed=MortalFeed(tiny_feed(items=29), 0, die))
    assert_same(again, expected)


def test_early_stopping_goes_on_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    scores = {1: 0.5, 2: 0.9, 3: 0.8, 4: 0.7, 5: 0.99}

    def ended(path: Path | None, stop: int) -> TrainResult:
        model, task = tiny_model()
        epochs = iter(range(1 if stop else start, 9))

        def validate(model: Model) -> Validation:
            epoch = next(epochs)
            if epoch == stop:
                die()
            return Validation(scores[epoch])

        chosen = strategy(epochs=5, early_stopping=True)
        settings = TrainSettings(patience=2, checkpoint=path, resume=True)
        return train(model, task, tiny_feed(), chosen, settings=settings, validate=validate)

    for stop in (2, 3, 4):
        path = tmp_path / f"{stop}"
        with pytest.raises(Killed):
            ended(path, stop)
        start = stop
        result = ended(path, 0)
        assert (result.best_epoch, result.stopped, len(result.curve)) == (2, "no improvement", 4)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"chosen": SGD.model_copy(update={"epochs": 4})}, "epochs is 3 there and 4 here"),
        ({"average": 0.5}, "average_decay is null there and 0.5 here"),
        ({"feed": tiny_feed(items=28)}, "number of items is 29 there and 28 here"),
        ({"class_weights": torch.ones(3)}, "class weights is null there"),
    ],
)
def test_another_training_does_not_take_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], said: str
) -> None:
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    run(SGD, tmp_path / "file")
    before = (tmp_path / "file").read_bytes()
    with pytest.raises(RunError, match="another training") as caught:
        run(changed.pop("chosen", SGD), tmp_path / "file", **changed)
    assert said in str(caught.value)
    assert (tmp_path / "file").read_bytes() == before


def test_without_resume_it_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    run(SGD, tmp_path / "file")
    model, task = tiny_model()
    settings = TrainSettings(checkpoint=tmp_path / "file")
    assert train(model, task, tiny_feed(), strategy(), settings=settings).earlier_seconds == 0.0


def test_the_checkpoint_is_read_without_pickle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    run(SGD, tmp_path / "file", average=0.9)
    monkeypatch.setattr("pickle.Unpickler", None)
    monkeypatch.setattr("torch.load", None)
    parts = read_checkpoint(tmp_path / "file").parts
    assert set(parts) == {"model", "optimizer", "best", "random", "position", "average"}
    assert parts["optimizer"].tensors.keys() == {
        f"momentum_buffer/{name}" for name, _ in tiny_model()[0].named_parameters()
    }


@pytest.fixture
def as_at_a_terminal() -> Iterator[None]:
    """The tests may run where interrupts are ignored, as in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself the signals")
@pytest.mark.usefixtures("as_at_a_terminal")
@pytest.mark.parametrize("step", [0, 5, STEPS - 1])
def test_ctrl_c_finishes_the_step_and_loses_nothing(tmp_path: Path, step: int) -> None:
    path = tmp_path / "file"
    feed = MortalFeed(tiny_feed(items=29), first_part(step), lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(SGD, path, feed=feed)
    assert read_checkpoint(path).parts["position"].values["step"] == step + 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_same(run(SGD, path), run(SGD, None))


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself the signals")
@pytest.mark.usefixtures("as_at_a_terminal")
def test_ctrl_c_in_the_validation_keeps_the_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = accuracy
    monkeypatch.setitem(globals(), "accuracy", lambda _: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(SGD, tmp_path / "file", average=0.9)
    monkeypatch.setitem(globals(), "accuracy", whole)
    values = read_checkpoint(tmp_path / "file").parts["position"].values
    assert (values["epoch"], values["step"]) == (0, 4)
    assert_same(run(SGD, tmp_path / "file", average=0.9), run(SGD, None, average=0.9))


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself the signals")
@pytest.mark.usefixtures("as_at_a_terminal")
def test_ctrl_c_after_the_last_step_is_heeded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("headstart.train.loop.write_events", lambda *_: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        run(SGD, tmp_path / "file", folder=tmp_path / "run")
    monkeypatch.undo()
    assert_same(run(SGD, tmp_path / "file"), run(SGD, None))


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot send itself the signals")
def test_a_checkpoint_is_written_when_it_is_wished_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    monkeypatch.setattr(saving.Saver, "due", lambda *_, **__: False)  # however slow the machine is

    def wish() -> None:
        assert not path.exists()
        signal.raise_signal(signal.SIGUSR1)

    run(SGD, path, feed=MortalFeed(tiny_feed(items=29), first_part(5), wish))
    assert read_checkpoint(path).parts["position"].values["step"] == 6


def test_a_full_disk_ends_it_and_the_old_checkpoint_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    path, real, written = tmp_path / "file", write_checkpoint, 0

    def full(*arguments: Any, **named: Any) -> None:
        nonlocal written
        written += 1
        with pytest.MonkeyPatch.context() as patch:
            if written == 6:
                patch.setattr("os.fsync", no_space)
            real(*arguments, **named)

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "write_checkpoint", full)
    with pytest.raises(RunError, match="No space left on device"):
        run(SGD, path)
    assert read_checkpoint(path).parts["position"].values["step"] == 4
    assert list(tmp_path.iterdir()) == [path]
    assert_same(run(SGD, path), run(SGD, None))


CODE = """
import sys, hashlib, os
from pathlib import Path
from headstart.train import saving
from headstart.train.checkpoint import write_checkpoint
from tests.train.test_resume import ADAMW, digest, run
saving.LEAST_SECONDS, saving.SHARE = 0.0, float("inf")
written = 0
def write(path, parts, *, belongs):
    global written
    written += 1
    print("writing", written, flush=True)
    write_checkpoint(path, parts, belongs=belongs)
saving.write_checkpoint = write
print(digest(run(ADAMW, Path(sys.argv[1]), average=0.9)[0]))
"""


def digest(weights: dict[str, torch.Tensor]) -> str:
    return hashlib.sha256(b"".join(value.numpy().tobytes() for value in weights.values())).hexdigest()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_process_that_is_killed(tmp_path: Path) -> None:
    """Really killed, while it writes its third checkpoint or soon after, then started again; beside one that is not."""
    command = [sys.executable, "-c", CODE, str(tmp_path / "file")]
    whole = subprocess.run([*command[:-1], str(tmp_path / "whole")], capture_output=True, text=True, check=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line == "writing 3\n":
            break
    time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert again.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1]
    assert "continued after step" in again.stderr
