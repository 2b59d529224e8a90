"""The checkpoint file: what goes in comes out, nothing else is taken for one, and a failure loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from headstart.core.errors import RunError
from headstart.train.checkpoint import State, read_checkpoint, write_checkpoint


class Kept:
    """A part that is its state."""

    def __init__(self, kept: State | None = None) -> None:
        self.kept = kept or State()

    def state(self) -> State:
        return self.kept

    def restore(self, state: State) -> None:
        self.kept = state


BELONGS = {"seed": 1, "epochs": 3}


def test_values_and_tensors_come_back_by_part(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    picture_like = torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last)
    tensors = {"a.b": picture_like, "half": torch.ones(2, dtype=torch.bfloat16), "count": torch.tensor(7)}
    values = {"float": 0.1 + 0.2, "none": None, "rows": [{"x": -float("inf")}]}
    write_checkpoint(path, {"one": Kept(State(values, tensors)), "two": Kept()}, belongs=BELONGS)
    one, two = Kept(), Kept()
    found = read_checkpoint(path)
    found.restore({"one": one, "two": two})
    assert dict(found.belongs) == BELONGS
    assert one.kept.values == values
    assert two.kept == State()
    assert one.kept.tensors.keys() == tensors.keys()
    for name, value in tensors.items():
        assert one.kept.tensors[name].dtype == value.dtype
        assert torch.equal(one.kept.tensors[name], value)
    assert list(tmp_path.iterdir()) == [path]


def test_tensors_that_share_memory_are_written_each(tmp_path: Path) -> None:
    whole = torch.arange(6.0)
    path = tmp_path / "file"
    write_checkpoint(path, {"one": Kept(State({}, {"tied": whole, "again": whole, "part": whole[2:4]}))}, belongs={})
    tensors = read_checkpoint(path).parts["one"].tensors
    assert torch.equal(tensors["again"], whole)
    assert torch.equal(tensors["part"], whole[2:4])


def test_any_tool_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_checkpoint(path, {"model": Kept(State({"epoch": 2}, {"weight": torch.ones(2)}))}, belongs=BELONGS)
    with safe_open(path, framework="np") as file:
        assert json.loads(file.metadata()["headstart"])["values"] == {"model": {"epoch": 2}}
        assert list(file.keys()) == ["model/weight"]


def test_one_of_another_training_is_refused_with_every_difference(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_checkpoint(path, {"one": Kept()}, belongs=BELONGS)
    with pytest.raises(RunError, match="another training") as caught:
        read_checkpoint(path).check({"seed": 2, "epochs": 4})
    assert caught.value.problems[1:] == ("seed is 1 there and 2 here.", "epochs is 3 there and 4 here.")
    read_checkpoint(path).check(BELONGS)


def test_one_with_other_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_checkpoint(path, {"one": Kept()}, belongs={})
    with pytest.raises(RunError, match="holds one; one, two are due"):
        read_checkpoint(path).restore({"one": Kept(), "two": Kept()})


@pytest.mark.parametrize("content", ["nothing", "weights", "half"])
def test_something_else_is_no_checkpoint(tmp_path: Path, content: str) -> None:
    path = tmp_path / "file"
    if content == "nothing":
        path.write_bytes(b"")
    elif content == "weights":
        save_file({"weight": torch.ones(2)}, path)
    else:
        write_checkpoint(path, {"one": Kept(State({}, {"weight": torch.ones(1000)}))}, belongs={})
        path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RunError, match="not a readable checkpoint"):
        read_checkpoint(path)


def test_one_whose_bytes_have_changed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    tensors = {"weight": torch.ones(8), "half": torch.ones(2, dtype=torch.bfloat16), "count": torch.tensor(7)}
    tensors |= {"flag": torch.tensor([True]), "none": torch.zeros(0)}
    write_checkpoint(path, {"one": Kept(State({"epoch": 1}, tensors))}, belongs=BELONGS)
    read_checkpoint(path)
    whole = path.read_bytes()
    for changed in (whole[:-40] + b"\x01" + whole[-39:], whole.replace(b'epoch\\": 1', b'epoch\\": 2', 1)):
        assert changed != whole
        path.write_bytes(changed)
        with pytest.raises(RunError, match="what it holds is not what was written") as caught:
            read_checkpoint(path)
        assert caught.value.hint == "Remove it to start anew."


def test_one_of_before_digests_were_kept_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    described = {"format": 1, "belongs": BELONGS, "values": {"one": {}}}
    save_file({"one/weight": torch.ones(2)}, path, metadata={"headstart": json.dumps(described)})
    assert torch.equal(read_checkpoint(path).parts["one"].tensors["weight"], torch.ones(2))


def test_another_format_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    monkeypatch.setattr("headstart.train.checkpoint.FORMAT", 2)
    write_checkpoint(path, {}, belongs={})
    monkeypatch.undo()
    with pytest.raises(RunError, match="checkpoint of format 2; this version reads 1"):
        read_checkpoint(path)


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("place", ["os.fsync", "safetensors.torch.save_file", "tempfile.mkstemp"])
def test_a_full_disk_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    path = tmp_path / "file"
    write_checkpoint(path, {"one": Kept(State({"epoch": 1}))}, belongs={})
    monkeypatch.setattr(place, lambda *_, **__: fail())
    with pytest.raises(RunError, match="could not be written.*No space left on device"):
        write_checkpoint(path, {"one": Kept(State({"epoch": 2}))}, belongs={})
    monkeypatch.undo()
    assert read_checkpoint(path).parts["one"].values == {"epoch": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_FSIZE, a disk that is full after so many bytes")
def test_a_disk_that_fills_up_half_way_keeps_the_old_one(tmp_path: Path) -> None:
    """The real thing: the system refuses further bytes in the middle of the file."""
    code = f"""
import resource, signal, torch
from pathlib import Path
from headstart.core.errors import RunError
from headstart.train.checkpoint import read_checkpoint, write_checkpoint
from tests.train.test_checkpoint import Kept, State
path = Path({str(tmp_path / "file")!r})
write_checkpoint(path, {{"one": Kept(State({{"epoch": 1}}))}}, belongs={{}})
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_checkpoint(path, {{"one": Kept(State({{}}, {{"big": torch.zeros(1_000_000)}}))}}, belongs={{}})
except RunError as error:
    print(error)
assert read_checkpoint(path).parts["one"].values == {{"epoch": 1}}
assert list(path.parent.iterdir()) == [path]
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "file could not be written" in ended.stdout


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is read-only to root")
def test_a_read_only_folder_keeps_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_checkpoint(path, {"one": Kept(State({"epoch": 1}))}, belongs={})
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(RunError, match="could not be written: Permission denied"):
            write_checkpoint(path, {"one": Kept(State({"epoch": 2}))}, belongs={})
    finally:
        tmp_path.chmod(0o700)
    assert read_checkpoint(path).parts["one"].values == {"epoch": 1}
