"""Text encoders of transformers, whatever folder they lie in: described, loaded, and built again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.core.card import Architecture, ModelCard, TextInput
from headstart.core.errors import ModelError
from headstart.models.cards import pretraining
from headstart.models.files.folder import front_matter, licence_of, read_config
from headstart.models.files.weights import weight_files
from headstart.models.plausible import check_held, check_memory
from headstart.models.texts.tokenizer import FILES, Tokenizer, check_tokens, length_of, read_tokenizer
from headstart.models.transformers.image_towers import is_image_network

if TYPE_CHECKING:
    from headstart.models.backbone import Backbone


def is_encoder(config: Mapping[str, Any]) -> bool:
    """Whether a config is that of an encoder of texts."""
    from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

    return config.get("model_type") in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not config.get("is_encoder_decoder")


def looks_like_encoder(folder: Path) -> bool:
    """Whether a folder says that it holds an encoder of texts, and has its tokenizer; no library is imported."""
    try:
        config = read_config(folder)
    except ModelError:
        return False
    named = config.get("architectures")
    if is_image_network(config):
        return False  # CLIP has a tokenizer, too
    fits = isinstance(named, list) and any(str(name).endswith(("Model", "ForMaskedLM")) for name in named)
    return fits and any((folder / name).is_file() for name in FILES)


def describe_encoder(
    model: str, folder: Path, *, revision: str, layers: int | None = None
) -> tuple[ModelCard, Architecture, Tokenizer]:
    """The card of the encoder in a folder, its architecture and its tokenizer. Raises `ModelError`.

    With `layers`, that of so many of its layers, from below.
    """
    from headstart.models.texts.network import count_weights, text_architecture
    from headstart.models.texts.pooling import pooling_of

    config = read_config(folder)
    if layers is not None:
        config["num_hidden_layers"] = layers
        revision = f"{revision}:{layers}"
    pooling, note = pooling_of(folder)
    architecture = text_architecture(config, pooling=pooling)
    tokenizer = read_tokenizer(folder, model=model)
    metadata = front_matter(folder)
    known = architecture.arguments["config"]
    if isinstance(known.get("vocab_size"), int):  # a few types count their tokens under another name
        check_tokens(tokenizer, known=known["vocab_size"], model=model)
    card = ModelCard(
        id=model,
        source="hf",
        modality="text",
        parameters=count_weights(architecture),
        width=known.get("hidden_size") or known.get("dim"),
        input=TextInput(tokenizer=tokenizer.fingerprint, length=length_of(folder, known)),
        gives=("pooled", "tokens", "gradient"),
        pretrained_on=source_texts(metadata),
        licence=licence_of(metadata),
        revision=revision,
        location=str(folder),
        note=note,
    )
    return card, architecture, tokenizer


def load_text_backbone(
    model: str, folder: Path, *, revision: str, pretrained: bool, layers: int | None = None
) -> Backbone:
    """The encoder of a folder, with its weights or freshly initialised, in evaluation mode; `layers` of it, or all."""
    from headstart.models.texts.network import TextBackbone, create_encoder, keep_layers, load_encoder

    card, architecture, tokenizer = describe_encoder(model, folder, revision=revision, layers=layers)
    if pretrained:
        whole_card, whole, _ = describe_encoder(model, folder, revision=revision)
        check_held(whole_card.parameters or 0, weight_files(folder), model=model)
        body = load_encoder(whole, folder, model=model)
        if layers is not None:
            keep_layers(body, layers, model=model)
    else:
        check_memory(card.parameters or 0, model=model)
        card = card.model_copy(update={"pretrained_on": ""})
        body = create_encoder(architecture)
    return TextBackbone(body, card=card, architecture=architecture, tokenizer=tokenizer).eval()


def build_text_backbone(architecture: Architecture, card: ModelCard) -> Backbone:
    """Build from a saved description, freshly initialised, without a tokenizer as yet."""
    from headstart.models.texts.network import TextBackbone, count_weights, create_encoder

    if not isinstance(architecture.arguments.get("config"), dict) or "pooling" not in architecture.arguments:
        raise ModelError(f"The description of a '{architecture.name}' is incomplete: it needs `config` and `pooling`.")
    check_memory(count_weights(architecture), model=card.id)
    body = create_encoder(architecture)
    return TextBackbone(body, card=card, architecture=architecture, tokenizer=None).eval()


def refuse_channels(model: str, channels: int | None) -> None:
    """Raise `ModelError` where a number of channels is asked of an encoder of texts."""
    if channels is not None:
        raise ModelError(f"{model} reads texts: they have no channels.", hint="Leave out --channels.")


def source_texts(metadata: Mapping[str, Any]) -> str:
    """The data sets that a README's metadata name, `unknown` where they name none."""
    listed = metadata.get("datasets")
    return ", ".join(map(str, listed)) if isinstance(listed, list) and listed else pretraining.UNKNOWN
