"""The head first, as a probe on frozen features; then every layer, from there (Kumar et al. 2022)."""

from __future__ import annotations

from headstart.core.card import InputFacts
from headstart.core.strategy import Rule, Strategy
from headstart.methods.attention import is_attention
from headstart.methods.method import Situation, epochs_for

STEPS = 150
"""About 12 epochs of 200 pictures in batches of 16; 24 epochs were no better (cifar10, 20 a class: 66.3, 66.2 %)."""
RATE = 3e-4
"""For a head that comes from the probe; with 1e-3 it is pulled away from it (56.4 against 62.2 %)."""
TRAINED_AT = 5 / 7
"""Of the model's own size, as 160 of 224 pixels: as accurate as training at 224 (66.2 against 65.9 % with the probe
fitted again), in three quarters of the time."""
CLIP = 1.0
"""A step that is too long is not made good again by few pictures: 3 to 5 points more with 5 or 10 pictures a class, at
64 pixels (benchmarks/early_stopping.py)."""
LEAST_SIZE = 128
"""Below, smaller training pictures were measured to cost accuracy (128 of 224 pixels: 64.6 %)."""


class LpFt:
    """Fine-tuning from the probe's own head: a fresh one would first pull the body away from what it knows.

    Measured on cifar10 with 200 pictures: 62.2 % against 57.8 % for the probe and 15.1 % from a fresh head.
    """

    name = "lp-ft"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """AdamW with one rate for body and head, 3e-4 (1e-3: 56.4 %), a third of it for transformers.

        Without label smoothing (64.3 against 62.2 %) and with batch-norm statistics kept (trained: 51.7 %).
        """
        batch_size = 32 if situation.items >= 256 else 16
        rate = RATE / 3 if is_attention(situation.card) else RATE
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="*", learning_rate=rate),),
            start="probe",
            optimizer="adamw",
            weight_decay=0.01,
            epochs=epochs_for(situation, batch_size=batch_size, steps=STEPS, least=12, most=80),
            batch_size=batch_size,
            schedule="cosine",
            warm_up=0.1,
            clip_norm=CLIP,
            augmentation="crop",
            train_size=train_size(situation),
            normalisation="frozen",
            early_stopping=True,
        )


def train_size(situation: Situation) -> int | None:
    """The side of training pictures in pixels, a multiple of 32; None where it is the model's own."""
    facts = situation.card.input
    if not isinstance(facts, InputFacts) or facts.fixed_size or facts.size[0] != facts.size[1]:
        return None
    smaller = 32 * round(TRAINED_AT * facts.size[0] / 32)
    return smaller if LEAST_SIZE < smaller < facts.size[0] else None
