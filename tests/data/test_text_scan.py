from __future__ import annotations

from pathlib import Path

from headstart.data.class_folder import TEXTS
from headstart.data.looking import look_at
from headstart.data.reader import ReadOptions
from headstart.data.text import content_hash
from headstart.data.text_scan import scan_texts


def test_texts_that_cannot_be_used_are_left_out_by_reason(tmp_path: Path) -> None:
    files = {
        "a/1.txt": "schön".encode("cp1252"),
        "a/2.txt": b"fine",
        "a/3.txt": b"  \n",
        "b/4.txt": b"\x00\x01\x02",
        "b/5.txt": "良い。服务不错".encode("gb18030"),
        "b/6.txt": b"gone",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    dataset = TEXTS.read(tmp_path, ReadOptions())
    (tmp_path / "b/6.txt").unlink()
    kept, facts = look_at(dataset)
    assert [kept.inputs.name(index) for index in range(len(kept))] == ["a/1.txt", "a/2.txt", "b/5.txt"]
    assert kept.content is not None
    assert kept.content[1].tobytes() == content_hash("fine")
    lines = {(line.action, line.reason): line.items for line in kept.ledger.lines}
    assert lines[("converted", "its bytes were read as Windows-1252")] == ("a/1.txt",)
    assert lines[("converted", "its bytes were read as GB18030")] == ("b/5.txt",)
    assert lines[("skipped", "an empty text")] == ("a/3.txt",)
    assert lines[("skipped", "no text: it holds zero bytes, as no text does")] == ("b/4.txt",)
    assert lines[("skipped", "no such file or directory")] == ("b/6.txt",)
    assert sum(len(line.items) for line in facts.unreadable) == 3


def test_a_text_is_the_same_in_another_encoding(tmp_path: Path) -> None:
    for name, encoding in (("a/1.txt", "utf-8"), ("b/2.txt", "utf-16")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes("Größe".encode(encoding))
    _, facts = scan_texts(TEXTS.read(tmp_path, ReadOptions()))
    assert facts.first_copies.tolist() == [0, 0]
