"""A training on disk, to be continued to the same weights: safetensors with JSON in the metadata, and no pickle."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from headstart.core.errors import RunError
from headstart.core.files import replacing

FORMAT = 1
KEY, DIGEST = "headstart", "headstart-digest"


@dataclass(frozen=True)
class State:
    """What one part of a training has to remember: plain JSON values, and tensors by name."""

    values: Mapping[str, Any] = field(default_factory=dict)
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


class Stateful(Protocol):
    """A part of a training whose state outlives the process."""

    def state(self) -> State:
        """All that `restore` needs; the tensors may be the living ones, they are written at once."""
        ...

    def restore(self, state: State) -> None:
        """Become what the part was; the tensors are on the CPU and belong to nobody else."""
        ...


@dataclass(frozen=True)
class Checkpoint:
    """What was read. `belongs` says which training it is of; `parts` are the states by name."""

    path: Path
    belongs: Mapping[str, Any]
    parts: Mapping[str, State]

    def check(self, belongs: Mapping[str, Any]) -> None:
        """Raise `RunError` naming every difference where it is the checkpoint of another training."""
        different = [
            f"{name} is {_shown(self.belongs.get(name))} there and {_shown(belongs.get(name))} here."
            for name in dict.fromkeys([*self.belongs, *belongs])
            if self.belongs.get(name) != belongs.get(name)
        ]
        if different:
            raise RunError(
                [f"{self.path} is the checkpoint of another training.", *different],
                hint="Continue with what it was made with, or remove it to start anew.",
            )

    def restore(self, parts: Mapping[str, Stateful]) -> None:
        """Give every part its state. Raises `RunError` where it holds other parts than these."""
        if parts.keys() != self.parts.keys():
            raise RunError(
                f"{self.path} holds {', '.join(sorted(self.parts))}; {', '.join(sorted(parts))} are due.",
                hint="It was made by another version of Headstart: continue with that one, or start anew.",
            )
        for name, part in parts.items():
            part.restore(self.parts[name])


def write_checkpoint(path: Path, parts: Mapping[str, Stateful], *, belongs: Mapping[str, Any]) -> None:
    """Write the state of all parts; whoever reads sees the old file or the new one.

    Raises `RunError` where the folder cannot be written or the disk is full; the old file is then untouched.
    """
    from safetensors import SafetensorError
    from safetensors.torch import save_file

    states = {name: part.state() for name, part in parts.items()}
    values = {name: dict(state.values) for name, state in states.items()}
    described = json.dumps({"format": FORMAT, "belongs": dict(belongs), "values": values})
    named = {f"{part}/{name}": value for part, state in states.items() for name, value in state.tensors.items()}
    tensors = _apart(named)
    with replacing(path) as temporary:
        try:
            save_file(tensors, temporary, metadata={KEY: described, DIGEST: _digest(described, tensors)})
        except (SafetensorError, OSError) as error:
            raise RunError(f"{path} could not be written: {error}.") from error


def read_checkpoint(path: Path) -> Checkpoint:
    """Read what `write_checkpoint` wrote. Raises `RunError` where the file is something else, or has changed since."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        described = json.loads(metadata[KEY])
        if metadata.get(DIGEST) not in (None, _digest(metadata[KEY], tensors)):  # None: of before it was kept
            raise ValueError("what it holds is not what was written")
        if described["format"] != FORMAT:
            raise RunError(f"{path} is a checkpoint of format {described['format']}; this version reads {FORMAT}.")
        parts = {name: State(values, _of(name, tensors)) for name, values in described["values"].items()}
        return Checkpoint(path, described["belongs"], parts)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise RunError(f"{path} is not a readable checkpoint: {error}", hint="Remove it to start anew.") from error


def _digest(described: str, tensors: Mapping[str, Tensor]) -> str:
    """A short text that changes with any bit: a weight that went wrong on a disk still looks like a weight."""
    digest = hashlib.blake2b(described.encode(), digest_size=16)
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _of(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.partition("/")[2]: value for name, value in tensors.items() if name.partition("/")[0] == part}


def _apart(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as the file takes them: on the CPU, contiguous, and none sharing memory with another."""
    seen: set[int] = set()
    apart: dict[str, Tensor] = {}
    for name, value in tensors.items():
        plain = value.detach().cpu().contiguous()
        place = plain.untyped_storage().data_ptr()
        if place in seen:
            plain = plain.clone(memory_format=torch.contiguous_format)
        seen.add(plain.untyped_storage().data_ptr())
        apart[name] = plain
    return apart


def _shown(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
