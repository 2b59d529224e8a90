"""A fit that dies at any moment is gone on with to the same weights."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import headstart as hs
from headstart.core.errors import DataError, ModelError, OptionError, RunError
from headstart.train import saving
from tests.worlds import draw, write_network, write_world


class Killed(BaseException):
    """What no code of ours knows: the process is gone."""


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Data and a model; every epoch ends with a checkpoint."""
    monkeypatch.setattr(saving, "SHARE", float("inf"))
    write_network(tmp_path / "network", seed=7)
    return write_world(tmp_path / "data", train=6, test=2)


def options(world: Path, strategy: str = "full", **settings: object) -> hs.FitOptions:
    given = hs.StrategyOptions(**({"epochs": 2, "batch_size": 8} if strategy == "full" else {}), **settings)  # type: ignore[arg-type]
    return hs.FitOptions(model=str(world.parent / "network"), strategy=strategy, settings=given)


def digest(run: hs.Run) -> str:
    return hashlib.sha256((run.folder / "weights.safetensors").read_bytes()).hexdigest()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextmanager
def death_at_write(number: int, *, after: bool = False) -> Iterator[list[int]]:
    """The process dies when the file `number` (from 0) is written but not yet, or `after` it has been, put in place."""
    count = [0]
    fsync, replace = os.fsync, Path.replace

    def written(descriptor: int) -> None:
        if count[0] == number and not after:
            raise Killed
        fsync(descriptor)

    def placed(path: Path, target: Path) -> Path:
        result = replace(path, target)
        count[0] += 1
        if count[0] == number + 1 and after:
            raise Killed
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", written)
        patch.setattr(Path, "replace", placed)
        yield count


@pytest.mark.parametrize("strategy", ["full", "linear-probe"])
@pytest.mark.timeout(900)
def test_death_at_every_file_that_is_written(
    world: Path, tmp_path: Path, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with death_at_write(10**9) as count:
        expected = hs.fit(world, output=tmp_path / "whole", options=options(world, strategy))
    written = count[0]
    assert written >= 8
    for number in range(written):
        # the caches are full by now; every other death meets empty ones
        monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / f"cache-{number // 2 * 2}"))
        folder = tmp_path / f"run-{number}"
        with death_at_write(number, after=number % 3 == 0):
            try:
                hs.fit(world, output=folder, options=options(world, strategy))
            except Killed:
                died = True
            else:
                died = False  # with a full cache there are fewer files to write
        if died and folder.exists() and names(folder) - {".lock"}:
            (folder / ".headstart-half").touch()
        run = hs.fit(world, output=folder, options=options(world, strategy), resume=True)
        assert digest(run) == digest(expected)
        assert names(folder) == names(expected.folder)
        assert run.metrics == expected.metrics


def begun(world: Path, folder: Path, *, source: object = None) -> None:
    """A fit that died after its first epoch."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headstart.train.loop.Saver", Dying)
        with pytest.raises(Killed):
            hs.fit(world if source is None else source, output=folder, options=options(world))


class Dying(saving.Saver):
    """Dies as soon as its first checkpoint is written."""

    def save(self) -> None:
        super().save()
        raise Killed


def test_the_folder_knows_data_and_options(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = options(world).model_copy(update={"model": "./network"})
    expected = hs.fit("data", output="whole", options=relative)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headstart.train.loop.Saver", Dying)
        with pytest.raises(Killed):
            hs.fit("data", output="run", options=relative)
    assert {"request.json", "checkpoint.safetensors", "plan.json"} <= names(Path("run"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    capsys.readouterr()
    run = hs.fit(output="../run", resume=True)
    assert "full: continued after step 2 of 4" in capsys.readouterr().err
    assert digest(run) == digest(hs.load("../whole"))
    assert names(run.folder) == names(Path("../whole"))
    assert run.record.data_name == expected.record.data_name == "data"  # and no path of this machine
    assert run.record.seconds["train"] > 0
    assert digest(hs.fit(output="../run", resume=True)) == digest(run)
    assert expected.record.plan.strategy == run.record.plan.strategy


def test_what_is_written_later_calls_the_data_as_they_were_called(
    world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("headstart.pipeline.save_split", dying)
        with pytest.raises(Killed):
            hs.fit("data", output="run", options=options(world))
    run = hs.fit(output="run", resume=True)
    assert json.loads((run.folder / "profile.json").read_text())["source"] == "data"


def dying(*_: object, **__: object) -> None:
    raise Killed


def test_an_unfinished_run_is_neither_loaded_nor_written_over(world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    begun(world, folder)
    before = names(folder)
    with pytest.raises(RunError, match="not finished") as caught:
        hs.load(folder)
    assert f"headstart fit --resume {folder}" in caught.value.hint
    with pytest.raises(RunError, match="not finished"):
        hs.fit(world, output=folder, options=options(world))
    with pytest.raises(OptionError, match="--seed was 0 and is 1 now"):
        hs.fit(output=folder, options=hs.FitOptions(seed=1), resume=True)
    assert names(folder) == before


def test_the_plan_is_not_made_again(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    begun(world, folder)

    def refuse(*_: object) -> None:
        raise AssertionError("planned again")

    monkeypatch.setattr("headstart.planning.plan", refuse)
    hs.fit(output=folder, resume=True)


def test_changed_data_are_said_and_nothing_is_lost(world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    expected = hs.fit(world, output=tmp_path / "whole", options=options(world))
    begun(world, folder)
    added = world / "train" / "cross" / "added.png"
    draw("cross", np.random.default_rng(5)).save(added)
    with pytest.raises(DataError, match="have changed since the run was begun"):
        hs.fit(output=folder, resume=True)
    added.unlink()
    assert digest(hs.fit(output=folder, resume=True)) == digest(expected)


def test_a_changed_model_is_said_and_nothing_is_lost(world: Path, tmp_path: Path) -> None:
    """Weights of two models in one run would be those of none."""
    place, network = tmp_path / "run", tmp_path / "network"
    with death_at_write(6), pytest.raises(Killed):
        hs.fit(world, output=place, options=options(world))
    assert (place / "plan.json").exists()
    kept = network.rename(tmp_path / "kept")
    write_network(network, seed=8)
    before = names(place)
    with pytest.raises(ModelError, match="has changed since the run was begun"):
        hs.fit(output=place, resume=True)
    assert names(place) == before
    shutil.rmtree(network)
    kept.rename(network)
    assert hs.fit(output=place, resume=True).metrics


def test_the_split_stays_whatever_the_cache_says(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    begun(world, folder)
    hs.fit(world, output=tmp_path / "other", options=options(world).model_copy(update={"validation": 0.5}))
    kept = (folder / "split.parquet").read_bytes()
    run = hs.fit(output=folder, resume=True)
    items = dict(run.record.items)
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "empty"))
    assert items == hs.fit(world, output=tmp_path / "whole", options=options(world)).record.items
    assert (folder / "split.parquet").read_bytes() == kept


def test_data_in_memory_are_given_again(tmp_path: Path, world: Path) -> None:
    generator = np.random.default_rng(0)
    pictures = np.stack([np.asarray(draw(kind, generator)) for kind in ("circle", "cross") * 10])
    pair = (pictures, np.array(["circle", "cross"] * 10))
    folder = tmp_path / "run"
    begun(world, folder, source=pair)
    with pytest.raises(RunError, match="were in memory") as caught:
        hs.fit(output=folder, resume=True)
    assert "resume=True" in caught.value.hint
    with pytest.raises(DataError, match="another order"):
        hs.fit((pictures[::-1], pair[1][::-1]), output=folder, resume=True)
    run = hs.fit(pair, output=folder, resume=True)
    assert digest(run) == digest(hs.fit(pair, output=tmp_path / "whole", options=options(world)))


def test_a_full_disk_in_the_middle_says_how_to_go_on(world: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    expected = hs.fit(world, output=tmp_path / "whole", options=options(world))

    class Full(saving.Saver):
        def save(self) -> None:
            super().save()
            os.fsync = no_space  # type: ignore[assignment]

    def no_space(_: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fsync)
        patch.setattr("headstart.train.loop.Saver", Full)
        with pytest.raises(RunError, match="No space left on device") as caught:
            hs.fit(world, output=folder, options=options(world))
    assert f"Then continue with: headstart fit --resume {folder}" in caught.value.hint
    assert digest(hs.fit(output=folder, resume=True)) == digest(expected)


def test_a_mistake_leaves_no_folder(world: Path, tmp_path: Path) -> None:
    with pytest.raises(OptionError):
        hs.fit(world, output=tmp_path / "run", options=options(world).model_copy(update={"strategy": "ful"}))
    assert not (tmp_path / "run").exists()
