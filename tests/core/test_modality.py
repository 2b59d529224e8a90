from __future__ import annotations

from headstart.core.modality import counted, modality_of, noun, nouns


def test_items_are_called_what_people_call_them() -> None:
    assert [counted(1, "image"), counted(2, "image"), counted(0, "text"), counted(1, "text")] == [
        "1 picture",
        "2 pictures",
        "0 texts",
        "1 text",
    ]
    assert (noun("text"), nouns("image")) == ("text", "pictures")


def test_a_task_says_what_its_items_are() -> None:
    assert modality_of("text-classification") == "text"
    assert modality_of("image-classification") == "image"
