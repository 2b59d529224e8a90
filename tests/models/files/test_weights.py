"""Files of weights: chosen, checked, identified, and never run."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from headstart.core.errors import ModelError
from headstart.models.files.weights import (
    check_weights,
    count_weights,
    escapes,
    identity,
    read_weights,
    tensor_shapes,
    weight_files,
)
from tests.models.samples import write_json

TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.zeros(4, dtype=torch.float16)}


def safetensors(header: object, data: bytes, *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(start: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


class Touch:
    """Unpickling it leaves a file behind."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch '{self.file}'",)


def test_safetensors_before_pickles(tmp_path: Path) -> None:
    for name in ("pytorch_model.bin", "model.pth", "model.safetensors"):
        (tmp_path / name).touch()
    assert weight_files(tmp_path) == [tmp_path / "model.safetensors"]
    (tmp_path / "model.safetensors").unlink()
    assert weight_files(tmp_path) == [tmp_path / "pytorch_model.bin"]


def test_a_folder_without_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no weights"):
        weight_files(tmp_path)


def test_shards_by_their_index(tmp_path: Path) -> None:
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    write_json(tmp_path / "model.safetensors.index.json", {"weight_map": {"x": names[1], "y": names[0], "z": names[1]}})
    with pytest.raises(ModelError, match="is missing"):
        weight_files(tmp_path)
    for name in names:
        (tmp_path / name).touch()
    assert [file.name for file in weight_files(tmp_path)] == names


@pytest.mark.parametrize(
    "name", ["../x.safetensors", "/x.safetensors", "a/../../x", "C:\\x", "\\\\host\\x", "", 7, None]
)
def test_an_index_that_leads_out_of_its_folder(tmp_path: Path, name: object) -> None:
    folder = tmp_path / "model"
    write_json(folder / "model.safetensors.index.json", {"weight_map": {"x": name}})
    (tmp_path / "x.safetensors").touch()
    assert escapes(name)
    with pytest.raises(ModelError):
        weight_files(folder)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"weight_map": []}', '{"weight_map": {}}'])
def test_an_index_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(content)
    with pytest.raises(ModelError, match="index"):
        weight_files(tmp_path)


def test_ordinary_names_stay_inside() -> None:
    assert not escapes("model-00001-of-00002.safetensors")
    assert not escapes("part/model.safetensors")
    assert not escapes("..model")


def test_shapes_and_tensors(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors")
    assert tensor_shapes(tmp_path / "model.safetensors") == {"a": (2, 3), "b": (4,)}
    found = read_weights(tmp_path / "model.safetensors")
    assert found.keys() == TENSORS.keys()
    assert all(torch.equal(found[name], TENSORS[name]) for name in TENSORS)


LIES = {
    "empty": b"",
    "shorter than the length": b"\x01\x02",
    "a header longer than the file": safetensors({"a": entry(0, 8, [2])}, bytes(8), length=10_000),
    "a header of exabytes": safetensors({"a": entry(0, 8, [2])}, bytes(8), length=2**63),
    "a length of zero": struct.pack("<Q", 0),
    "no JSON": safetensors(b"{nonsense", b""),
    "no object": safetensors([1, 2], b""),
    "data cut short": safetensors({"a": entry(0, 8, [2])}, bytes(4)),
    "data left over": safetensors({"a": entry(0, 8, [2])}, bytes(12)),
    "a shape that does not fit": safetensors({"a": entry(0, 8, [200])}, bytes(8)),
    "a shape that overflows": safetensors({"a": entry(0, 8, [2**40, 2**40])}, bytes(8)),
    "offsets that go backwards": safetensors({"a": entry(8, 0, [2])}, bytes(8)),
    "offsets that overlap": safetensors({"a": entry(0, 8, [2]), "b": entry(4, 12, [2])}, bytes(12)),
    "a negative shape": safetensors({"a": entry(0, 8, [-2])}, bytes(8)),
    "an unknown type": safetensors({"a": entry(0, 8, [2], "Q99")}, bytes(8)),
}


@pytest.mark.parametrize("content", LIES.values(), ids=LIES)
def test_a_lying_header_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(content)
    with pytest.raises(ModelError, match="not a sound safetensors file"):
        check_weights(file)
    with pytest.raises(ModelError):
        read_weights(file)


def test_pickled_weights_are_read_as_weights_only(tmp_path: Path) -> None:
    torch.save(TENSORS, tmp_path / "pytorch_model.bin")
    assert torch.equal(read_weights(tmp_path / "pytorch_model.bin")["a"], TENSORS["a"])


def test_a_pickle_with_code_in_it_is_refused_and_not_run(tmp_path: Path) -> None:
    torch.save({"a": Touch(tmp_path / "ran")}, tmp_path / "model.pth")
    with pytest.raises(ModelError, match="never does"):
        read_weights(tmp_path / "model.pth")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"PK\x03\x04 cut short"])
def test_a_damaged_pickle(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.pth").write_bytes(content)
    with pytest.raises(ModelError):
        read_weights(tmp_path / "model.pth")


def test_a_pickle_of_something_else(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "model.pth")
    with pytest.raises(ModelError, match="holds a list"):
        read_weights(tmp_path / "model.pth")


def test_identity_is_the_hash_of_the_content(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"one")
    first = identity([file])
    assert first == "sha256:" + hashlib.sha256(b"one").hexdigest()
    file.write_bytes(b"other")
    assert identity([file]) != first
    assert identity([file, file]) not in (first, identity([file]))


def test_counting_is_what_the_header_claims(tmp_path: Path) -> None:
    save_file(TENSORS, tmp_path / "model.safetensors")
    assert count_weights(tmp_path / "model.safetensors") == {"a": 6, "b": 4}
    for content in (b"", b"\x01", safetensors(b"{", b""), safetensors({}, b"", length=2**63), safetensors([1], b"")):
        (tmp_path / "bad.safetensors").write_bytes(content)
        with pytest.raises(ModelError, match="not a sound safetensors file"):
            count_weights(tmp_path / "bad.safetensors")
