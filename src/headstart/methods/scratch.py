"""The same architecture without its pretrained weights: what the data can teach on their own."""

from __future__ import annotations

from headstart.core.strategy import Rule, Strategy
from headstart.methods.method import Situation, epochs_for

STEPS = 1500


class Scratch:
    """Training from a fresh initialisation, planned for itself: one rate, nothing frozen, a longer schedule.

    It is what transfer has to beat; with the settings of fine-tuning it would be a straw man.
    """

    name = "scratch"
    pretrained = False

    def strategy(self, situation: Situation) -> Strategy:
        """AdamW with one rate for all layers; batch-norm statistics are learnt from the data."""
        batch_size = 32 if situation.items >= 256 else 16
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="*", learning_rate=1e-3),),
            optimizer="adamw",
            weight_decay=0.05,
            epochs=epochs_for(situation, batch_size=batch_size, steps=STEPS, least=30, most=100),
            batch_size=batch_size,
            schedule="cosine",
            warm_up=0.1,
            label_smoothing=0.1,
            augmentation="crop",
            normalisation="trained",
        )
