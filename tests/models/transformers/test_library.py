from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForSequenceClassification

from headstart.core.errors import ModelError
from headstart.models.files.folder import read_config
from headstart.models.transformers.config import described
from headstart.models.transformers.library import fresh, loaded
from tests.encoders import write_encoder


def test_a_folder_gives_its_weights_in_memory_of_their_own(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path)
    config = described(read_config(folder))
    network, whole = loaded(AutoModel, config, folder, model="m", add_pooling_layer=False)
    assert whole
    stored = load_file(folder / "model.safetensors")
    own = network.state_dict()
    assert all(
        torch.equal(own[name.removeprefix("bert.")], value) for name, value in stored.items() if "pooler" not in name
    )
    assert all(value.data_ptr() % 64 == 0 for value in network.parameters())
    assert not torch.equal(
        fresh(AutoModel, config, name="bert").embeddings.word_embeddings.weight, next(iter(own.values()))
    )


def test_only_the_part_that_may_be_missing_may_be(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path)
    config = described(read_config(folder))
    _, whole = loaded(AutoModelForSequenceClassification, config, folder, model="m", may_lack=lambda _: "classifier")
    assert not whole
    with pytest.raises(ModelError, match="lack parts: classifier.bias, classifier.weight"):
        loaded(AutoModelForSequenceClassification, config, folder, model="m")


def test_what_is_missing_and_what_is_too_much_is_told_at_once(tmp_path: Path) -> None:
    folder = write_encoder(tmp_path)
    tensors = load_file(folder / "model.safetensors")
    first = min(name for name in tensors if "layer.0.attention" in name)
    tensors["encoder.layer.0.more"] = torch.zeros(1)
    del tensors[first]
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError) as caught:
        loaded(AutoModel, described(read_config(folder)), folder, model="m", add_pooling_layer=False)
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "The weights of m lack parts",
        "The weights of m have parts too many",
    ]


def test_a_network_that_cannot_be_built_is_no_traceback() -> None:
    with pytest.raises(ModelError, match="could not build this 'bert'"):
        fresh(AutoModel, {"model_type": "bert", "hidden_size": 30, "num_attention_heads": 7}, name="bert")
