"""An encoder of texts that was trained here -> a folder in the form of transformers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from headstart.core.card import ModelCard, TextInput
from headstart.core.errors import ModelError, OptionError
from headstart.core.files import write_atomically
from headstart.models.files.folder import CONFIG
from headstart.models.files.weights import SAFE
from headstart.models.texts.network import TextBackbone, create_encoder, text_architecture
from headstart.models.texts.tokenizer import FILE, Tokenizer, unused_positions
from headstart.models.texts.vocabulary import END, MASK, PADDING, SPECIAL, START

SPECIAL_IDS = {
    "pad_token_id": PADDING,
    "bos_token_id": START,
    "cls_token_id": START,
    "eos_token_id": END,
    "sep_token_id": END,
    "mask_token_id": MASK,
}
DECIDED_HERE = {"model_type", "vocab_size", "max_position_embeddings", "architectures", *SPECIAL_IDS}
SMALL: dict[str, dict[str, Any]] = {
    "bert": {"hidden_size": 192, "num_hidden_layers": 4, "num_attention_heads": 6, "intermediate_size": 768},
    "modernbert": {
        "hidden_size": 192,
        "num_hidden_layers": 4,
        "num_attention_heads": 6,
        "intermediate_size": 384,
        "local_attention": 8,
    },
}
"""By model type: encoders that two cores can pretrain in an hour; where nothing else is asked for.

Of Chinese reviews, after 2.5 minutes of one core at the same rate and batch: a BERT guesses 6.8 % of the characters
left out (the commonest one), a ModernBERT that looks at the whole window everywhere 7.5 %, at eight tokens in two of
its four layers 26.5 %, at four 26.4 %."""


def fresh_encoder(
    kind: str, *, arguments: Mapping[str, Any], tokenizer: Tokenizer, tokens: int, window: int
) -> TextBackbone:
    """An encoder of a model type of transformers without weights, for texts of `window` tokens out of `tokens`.

    Raises `ModelError` for a type that is none or cannot be built, and `OptionError` for arguments that are not the
    user's to give.
    """
    taken = sorted(DECIDED_HERE & arguments.keys())
    if taken:
        raise OptionError([f"The architecture's arguments may not set '{argument}'." for argument in taken])
    config = {
        **SMALL.get(kind, {}),
        **arguments,
        "model_type": kind,
        "vocab_size": tokens,
        "max_position_embeddings": window + unused_positions(kind, padding=SPECIAL.index(PADDING)),
        **_special_ids(kind),
    }
    architecture = text_architecture(config, pooling="mean")
    card = ModelCard(
        id=kind,
        source="hf",
        modality="text",
        input=TextInput(tokenizer=tokenizer.fingerprint, length=window),
        gives=("pooled", "tokens", "gradient"),
    )
    return TextBackbone(create_encoder(architecture), card=card, architecture=architecture, tokenizer=tokenizer)


def write_encoder_folder(folder: Path, backbone: TextBackbone, *, head: Mapping[str, Tensor], window: int) -> None:
    """Write config, weights and tokenizer; matrices in half precision, whatever has one dimension in full.

    `head` are the weights of the layer that guesses words, by their names in a whole network.
    """
    from safetensors.torch import save

    prefix = getattr(backbone.body, "base_model_prefix", "")
    if not isinstance(prefix, str) or not prefix:
        raise ModelError("Only an encoder of transformers can be saved in its form.")
    body = {f"{prefix}.{name}": value for name, value in backbone.body.state_dict().items()}
    stored = {name: _packed(value.detach().cpu()).contiguous() for name, value in {**body, **head}.items()}
    config = {**backbone.architecture.arguments["config"], "architectures": [_class_name(backbone.architecture.name)]}
    named = {f"{token.strip('[]').lower()}_token": token for token in SPECIAL}
    about = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": window, **named}
    write_atomically(folder / SAFE, save(stored, metadata={"format": "pt"}))
    write_atomically(folder / FILE, backbone.tokenizer.text.encode())
    write_atomically(folder / "tokenizer_config.json", _json(about))
    write_atomically(folder / CONFIG, _json(config))


def _special_ids(kind: str) -> dict[str, int]:
    """What a type's config says of special tokens, with the ids that they have here."""
    from transformers import AutoConfig

    try:
        usual = AutoConfig.for_model(kind)
    except (ValueError, KeyError, TypeError):
        return {}  # what is no type is told where it is built
    ids = {name: SPECIAL.index(token) for name, token in SPECIAL_IDS.items() if getattr(usual, name, None) is not None}
    return ids | {"pad_token_id": SPECIAL.index(PADDING)}


def _class_name(kind: str) -> str:
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

    return str(MODEL_FOR_MASKED_LM_MAPPING_NAMES[kind])


def _packed(value: Tensor) -> Tensor:
    fits = value.is_floating_point() and value.ndim > 1 and bool(value.abs().max() <= torch.finfo(torch.float16).max)
    return value.half() if fits else value


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
