"""The config of a network of transformers: what of it describes the network, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from transformers import CONFIG_MAPPING, PretrainedConfig

from headstart.core.errors import ModelError
from headstart.models.foreign_errors import in_short
from headstart.models.plausible import check_numbers

# What a config says of the machine or of the labels, and not of the network.
DROPPED = ("_name_or_path", "transformers_version", "id2label", "label2id", "dtype", "torch_dtype", "auto_map")


def described(config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a config describes the network. Raises `ModelError` for numbers that cannot be meant."""
    kept = {key: value for key, value in config.items() if key not in DROPPED}
    check_numbers(kept, model=f"this '{kept.get('model_type')}'")
    return kept


def written_out(config: Mapping[str, Any]) -> dict[str, Any]:
    """The library's own reading of a config, so that defaults that change one day do not change a saved network."""
    full = json.loads(config_of(config).to_json_string(use_diff=False))
    return {key: value for key, value in full.items() if key not in DROPPED and not key.startswith("_")}


def remote_code(config: Mapping[str, Any]) -> list[str]:
    """What in a config would run code of the hub, or is not to be trained."""
    named = [config.get(key) for key in ("_attn_implementation", "attn_implementation", "experts_implementation")]
    found = [f"The config asks for code of the hub ('{name}')." for name in named if name and "/" in str(name)]
    if "quantization_config" in config:
        found.append("The weights are quantised; Headstart trains full ones.")
    return found


def config_of(values: Mapping[str, Any]) -> PretrainedConfig:
    """The library's form of a config. Raises `ModelError` where it cannot read it."""
    kind = str(values.get("model_type"))
    try:
        config: PretrainedConfig = CONFIG_MAPPING[kind].from_dict(dict(values))
    except Exception as error:
        # Whatever fails in there, it is the description that came from outside that made it fail.
        raise ModelError(f"transformers cannot read the config of this '{kind}': {in_short(error)}.") from error
    return config
