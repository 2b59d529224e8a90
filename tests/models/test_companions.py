from __future__ import annotations

from pathlib import Path

from headstart.models.companions import read_companions, write_companions


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_companions(tmp_path) == {}
    write_companions({"tokenizer.json": b"{}"}, tmp_path)
    (tmp_path / "other.json").write_text("{}")
    assert read_companions(tmp_path) == {"tokenizer.json": b"{}"}
