"""What the two processes say to each other; the rest is tested through `tensorflow_process`."""

from __future__ import annotations

import io

import numpy as np
import pytest

from headstart.models.tensorflow.worker import receive, send


def test_messages_and_arrays_arrive_as_they_were() -> None:
    pipe = io.BytesIO()
    array = np.arange(12, dtype=np.float32).reshape(3, 4)
    send(pipe, {"a": "line\nbreak"}, array)
    send(pipe, {"b": 1})
    pipe.seek(0)
    message, found = receive(pipe)
    assert message["a"] == "line\nbreak"
    assert found is not None
    np.testing.assert_array_equal(found, array)
    assert receive(pipe)[1] is None
    with pytest.raises(EOFError):
        receive(pipe)


def test_nothing_is_unpickled() -> None:
    pipe = io.BytesIO()
    with pytest.raises(ValueError, match="allow_pickle"):
        send(pipe, {}, np.array([object()]))
