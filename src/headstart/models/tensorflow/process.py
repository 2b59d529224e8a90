"""The processes that SavedModels run in: one for each, begun when it is first used, ended with this one."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from headstart.core.errors import ModelError
from headstart.models.tensorflow import worker as tensorflow_worker
from headstart.models.tensorflow.worker import receive, send

INSTALL = "Install it: pip install 'headstart[tensorflow]' (or tensorflow-cpu)"


class Asked(NamedTuple):
    """A SavedModel, and what of it is run; empty names leave it to what the model says of itself."""

    folder: Path
    signature: str = ""
    output: str = ""


# No GPU: it would take all of its memory away from torch. And TensorFlow imports Keras: with torch under that as well,
# the process dies.
ALONE = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "KERAS_BACKEND": "tensorflow"}


class Process:
    """One SavedModel at work; threads take turns."""

    def __init__(self, asked: Asked, *, model: str) -> None:
        if find_spec("tensorflow") is None:
            raise ModelError(f"{model} runs in TensorFlow, which is not installed.", hint=INSTALL)
        self._model = model
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, tensorflow_worker.__file__, str(asked.folder), asked.signature, asked.output],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ALONE,
        )
        atexit.register(self.close)
        self.facts = self._answer()[0]

    def __call__(self, pictures: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Features (N, D) of pictures (N, H, W, C). Raises `ModelError` where TensorFlow fails."""
        features = self._asked(np.ascontiguousarray(pictures, np.float32))[1]
        assert features is not None
        return features

    def layers(self) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        """What Keras 2 wrote of its layers and their weights (`layers.layers`). Raises `ModelError`."""
        return self._asked(None)

    def _asked(self, pictures: npt.NDArray[Any] | None) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        with self._lock:
            try:
                assert self._process.stdin is not None
                send(self._process.stdin, {}, pictures)  # type: ignore[arg-type]
            except (OSError, ValueError) as error:  # ValueError: it was closed from here
                raise self._ended() from error
            return self._answer()

    def _answer(self) -> tuple[dict[str, Any], npt.NDArray[Any] | None]:
        try:
            assert self._process.stdout is not None
            message, array = receive(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError) as error:
            raise self._ended() from error
        if "problem" in message:
            raise ModelError(
                f"TensorFlow cannot run {self._model}: {' '.join(str(message['problem']).split())[:600]}.",
                hint="At the end of the id, #signature=NAME and #output=NAME say what is run and #size=PIXELS on what.",
            )
        return message, array

    def _ended(self) -> ModelError:
        return ModelError(
            f"The process of TensorFlow that runs {self._model} has ended, with exit code {self._process.wait(10)}.",
            hint="It may have run out of memory.",
        )

    def close(self) -> None:
        """End the process."""
        atexit.unregister(self.close)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()


_running: dict[tuple[str, str, str], Process] = {}
_starting = threading.Lock()


def process_of(asked: Asked, *, digest: str, model: str) -> Process:
    """The process of a SavedModel with this hash, begun where it does not run yet. Raises `ModelError`."""
    with _starting:
        found = _running.get((digest, asked.signature, asked.output))
        if found is None:
            found = _running[digest, asked.signature, asked.output] = Process(asked, model=model)
            # The names that were left to the model lead to the same process from now on.
            _running[digest, str(found.facts["signature"]), str(found.facts["output"])] = found
        return found
