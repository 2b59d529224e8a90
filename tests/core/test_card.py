from __future__ import annotations

from pydantic import TypeAdapter

from headstart.core.card import InputFacts, ModelInput, TextInput


def test_texts_have_no_channels() -> None:
    assert TextInput(tokenizer="x").channels is None


def test_either_kind_of_input_comes_back_from_json_as_what_it_was() -> None:
    adapter: TypeAdapter[ModelInput] = TypeAdapter(ModelInput)
    for facts in (
        InputFacts(),
        InputFacts(size=(8, 8), channels=1),
        TextInput(tokenizer="x"),
        TextInput(tokenizer="", length=9),
    ):
        assert adapter.validate_json(adapter.dump_json(facts)) == facts
    assert adapter.validate_python({}) == InputFacts()
