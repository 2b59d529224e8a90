"""Whether a server answers, told within seconds."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from email.message import Message
from typing import Any

import pytest

from headstart.models.fetching import reaching
from headstart.models.fetching.reaching import answers


class Answer:
    def close(self) -> None:
        """Nothing is open."""


def test_an_answer_is_remembered_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def reply(request: Any, timeout: float) -> Answer:
        asked.append(request.full_url)
        return Answer()

    monkeypatch.setattr(urllib.request, "urlopen", reply)
    assert answers("http://a.example")
    assert answers("http://a.example")
    assert answers("http://b.example")
    assert asked == ["http://a.example", "http://b.example"]
    monkeypatch.setattr(reaching, "_asked", {"http://a.example": (time.monotonic() - 61, True)})
    assert answers("http://a.example")
    assert len(asked) == 3


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (urllib.error.HTTPError("http://a.example", 403, "no", Message(), None), True),
        (urllib.error.URLError("no route"), False),
    ],
)
def test_a_refusal_is_an_answer_and_no_connection_is_none(
    error: Exception, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(request: Any, timeout: float) -> Any:
        raise error

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    assert answers("http://a.example") is expected


def test_a_name_that_is_looked_up_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(request: Any, timeout: float) -> Answer:
        time.sleep(1)
        return Answer()

    monkeypatch.setattr(urllib.request, "urlopen", hang)
    begun = time.monotonic()
    assert not answers("http://a.example", seconds=0.1)
    assert time.monotonic() - begun < 0.9
