"""Few labels: items of a class are drawn together before a head is solved (contrastive few-shot tuning)."""

from __future__ import annotations

from headstart.core.strategy import Contrast, Rule, Strategy
from headstart.methods.method import Situation, epochs_for

STEPS = 20
RATE = 1e-4
LARGE_RATE = 2e-5
"""For networks of more weights: the usual one of contrastive few-shot tuning (Tunstall et al. 2022), not measured."""
SMALL_NETWORK = 60_000_000
BATCH = 64
TEMPERATURE = 0.1
STRENGTH = 0.01


class Contrastive:
    """Contrastive few-shot tuning: the network learns which items belong together, then a head is solved.

    As in SetFit (Tunstall et al. 2022, arXiv 2209.11055), but with the supervised contrastive loss (Khosla et al. 2020,
    arXiv 2004.11362): it learns from all pairs of a batch at once, where SetFit passes every pair through the network.
    All known items train, those of the validation part too: of few labels none are to spare.
    """

    name = "contrastive"
    pretrained = True

    def strategy(self, situation: Situation) -> Strategy:
        """AdamW at one rate, a few steps on batches as large as the data."""
        small = (situation.card.parameters or SMALL_NETWORK) < SMALL_NETWORK
        return Strategy(
            method=self.name,
            rules=(Rule(pattern="*", learning_rate=RATE if small else LARGE_RATE),),
            contrast=Contrast(temperature=TEMPERATURE),
            strength=STRENGTH,
            optimizer="adamw",
            weight_decay=0.01,
            epochs=epochs_for(situation, batch_size=BATCH, steps=STEPS, least=1, most=STEPS),
            batch_size=BATCH,
            schedule="cosine",
            warm_up=0.1,
            augmentation="crop",
            normalisation="frozen",
        )
