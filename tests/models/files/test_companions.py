from __future__ import annotations

from pathlib import Path

import pytest

from headstart.core.errors import ModelError
from headstart.models.files.companions import read_companions, write_companions


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    assert read_companions(tmp_path) == {}
    write_companions({"tokenizer.json": b"{}"}, tmp_path)
    (tmp_path / "other.json").write_text("{}")
    assert read_companions(tmp_path) == {"tokenizer.json": b"{}"}


@pytest.mark.parametrize("name", ["../tokenizer.json", "/tokenizer.json", "a/../../b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(ModelError, match="leads out of its folder"):
        write_companions({"tokenizer.json": b"{}", name: b"{}"}, tmp_path / "run")
    assert not list((tmp_path / "run").iterdir())
