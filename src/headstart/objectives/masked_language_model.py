"""Learning a language from texts without labels: an encoder of transformers, trained from scratch to fill in words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from headstart.core.dataset import Dataset, InputColumn, Part
from headstart.core.modality import Modality
from headstart.core.pretraining import PretrainOptions, PretrainRecord
from headstart.data.text import text_of
from headstart.models.backbone import Backbone
from headstart.models.texts.tokenizer import Tokenizer
from headstart.objectives.masked_words import MaskedModel, MaskedWords
from headstart.tasks.task import Model
from headstart.train.feed import Feed, split_order
from headstart.train.masked_feed import MaskedFeed, MaskedSettings, packed

MEASURED_AT_ONCE = 16
ALWAYS_THE_SAME = 0
"""The seed of what is left out of held-out texts, so that one training can be compared with another."""


class Texts:
    """An encoder, the texts that it learns from, and those that it is measured on."""

    def __init__(self, dataset: Dataset, options: PretrainOptions) -> None:
        from headstart.models.texts.vocabulary import size_of, tokenizer_of

        training = dataset.part(Part.TRAIN, Part.VALIDATION).inputs
        tokenizer = tokenizer_of(_strings(training), size=options.vocabulary)
        self.labels = size_of(tokenizer)
        self.task = MaskedWords()
        self.model: Model = _fresh_model(tokenizer, self.labels, options)
        self._options = options
        self.feed: Feed = self._feed(training, tokenizer, seed=options.seed)
        held_out = dataset.part(Part.TEST).inputs
        self._held_out = self._feed(held_out, tokenizer, seed=ALWAYS_THE_SAME) if len(held_out) else None

    def measure(self, model: Callable[[Tensor], Tensor], *, device: str) -> dict[str, float]:
        """Accuracy and log loss on what was left out of the held-out texts."""
        return {} if self._held_out is None else _measure(model, self._held_out, device)

    def write(self, folder: Path) -> None:
        """A folder in the form of transformers."""
        from headstart.models.texts.folder import write_encoder_folder
        from headstart.models.texts.network import TextBackbone
        from headstart.models.texts.word_head import WordHead

        backbone, head = self.model.backbone, self.model.head
        assert isinstance(backbone, TextBackbone)
        assert isinstance(head, WordHead)
        write_encoder_folder(folder, backbone, head=head.named_weights(), window=self._options.window)

    def saved_accuracy(self, folder: Path, *, device: str) -> float | None:
        """The share of tokens whose most probable guess is right, by transformers' own network of the folder."""
        from transformers import AutoModelForMaskedLM

        network = AutoModelForMaskedLM.from_pretrained(folder.absolute(), local_files_only=True, dtype=torch.float32)
        network.to(device).eval()

        def logits(inputs: Tensor) -> Tensor:
            found: Tensor = network(input_ids=inputs[:, 0]).logits
            return found[inputs[:, 1].bool()].view(len(inputs), -1, found.shape[-1])

        return self.measure(logits, device=device).get("accuracy")

    def card(self, record: PretrainRecord, *, name: str) -> str:
        """The page that goes with the model."""
        from headstart.models.cards.encoder_card import encoder_card

        return encoder_card(record, name=name)

    def _feed(self, inputs: InputColumn, tokenizer: Tokenizer, *, seed: int) -> MaskedFeed:
        length = self._options.window
        settings = MaskedSettings(length, self._options.masked_share, self.labels, seed=seed)
        return MaskedFeed(packed(inputs, tokenizer, length=length), settings)


class MaskedLanguageModel:
    """For texts; labels, where there are any, are not looked at."""

    modality: Modality = "text"

    def begin(self, dataset: Dataset, options: PretrainOptions) -> Texts:
        """Raises `ModelError` for an architecture that cannot be had, and `DataError` for texts without words."""
        return Texts(dataset, options)


def _strings(inputs: InputColumn) -> list[str]:
    """Every text, those of pairs one by one."""
    read = (text_of(inputs.read(index)) for index in range(len(inputs)))
    return [part for text in read for part in ((text,) if isinstance(text, str) else text)]


def _fresh_model(tokenizer: Tokenizer, tokens: int, options: PretrainOptions) -> Model:
    from headstart.models.texts.folder import fresh_encoder

    with torch.random.fork_rng([]):
        torch.manual_seed(options.seed)
        backbone = fresh_encoder(
            options.architecture or "",
            arguments=options.architecture_args,
            tokenizer=tokenizer,
            tokens=tokens,
            window=options.window,
        )
        _without_dropout(backbone)
        return MaskedModel(backbone, MaskedWords().head(backbone, tokens))


def _without_dropout(backbone: Backbone) -> None:
    """Few passes over the texts leave nothing to overfit; the saved config keeps what fine-tuning is to use."""
    for module in backbone.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0


@torch.inference_mode()
def _measure(logits: Callable[[Tensor], Tensor], feed: MaskedFeed, device: str) -> dict[str, float]:
    right, loss, asked = 0, 0.0, 0
    with closing(feed.batches(split_order(np.arange(len(feed)), MEASURED_AT_ONCE), epoch=0, device=device)) as batches:
        for batch in batches:
            assert isinstance(batch.inputs, Tensor)
            found = logits(batch.inputs).float()
            right += int((found.argmax(-1) == batch.targets).sum())
            loss += float(functional.cross_entropy(found.flatten(0, 1), batch.targets.flatten(), reduction="sum"))
            asked += batch.targets.numel()
    return {"accuracy": right / asked, "log_loss": loss / asked}


OBJECTIVE = MaskedLanguageModel()
