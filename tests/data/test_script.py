"""The script that texts are written in."""

from __future__ import annotations

import pytest

import headstart as hs
from headstart.data.script import script_of


@pytest.mark.parametrize(
    ("texts", "script"),
    [
        (["房间很大，服务也好。", "太吵了 iPhone 12"], "chinese"),
        (["The room was large.", "Too loud 吵"], "other"),
        (["部屋がとても広くて、サービスもよかったです。", "うるさすぎました。"], "other"),
        (["방이 넓고 좋았어요", "너무 시끄러워요"], "other"),
        (["12345 :-)", "!!! 99"], "other"),
    ],
)
def test_most_letters_decide(texts: list[str], script: str) -> None:
    assert script_of(hs.load_data((texts, list("abab"[: len(texts)]))).dataset) == script


def test_both_texts_of_a_pair_count() -> None:
    pairs = [("很好很好很好", "good"), ("不好不好不好", "bad")]
    assert script_of(hs.load_data((pairs, ["a", "b"])).dataset) == "chinese"


def test_pictures_have_no_script(world: object) -> None:
    assert script_of(hs.load_data(world).dataset) == "other"  # type: ignore[arg-type]
