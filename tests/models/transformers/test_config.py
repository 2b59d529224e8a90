from __future__ import annotations

import pytest

from headstart.core.errors import ModelError
from headstart.models.transformers.config import DROPPED, config_of, described, remote_code, written_out

BERT = {
    "model_type": "bert",
    "hidden_size": 32,
    "_name_or_path": "somewhere",
    "id2label": {"0": "a"},
    "dtype": "float16",
}


def test_only_what_describes_the_network_is_kept() -> None:
    kept = described(BERT)
    assert kept == {"model_type": "bert", "hidden_size": 32}
    with pytest.raises(ModelError, match="this 'bert'"):
        described({"model_type": "bert", "num_hidden_layers": 10**6})


def test_defaults_are_written_out() -> None:
    full = written_out(described(BERT))
    assert full["hidden_size"] == 32
    assert full["num_attention_heads"] == config_of({"model_type": "bert"}).num_attention_heads
    assert not set(full) & set(DROPPED)
    assert not any(key.startswith("_") for key in full)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"_attn_implementation": "someone/kernel"}, "code of the hub"),
        ({"quantization_config": {}}, "quantised"),
        ({"_attn_implementation": "sdpa"}, ""),
    ],
)
def test_what_would_run_code_or_cannot_be_trained(config: dict[str, object], expected: str) -> None:
    problems = remote_code(config)
    assert expected in problems[0] if expected else problems == []


def test_an_unknown_type_is_no_traceback() -> None:
    with pytest.raises(ModelError, match="cannot read the config of this 'nothing'"):
        config_of({"model_type": "nothing"})
