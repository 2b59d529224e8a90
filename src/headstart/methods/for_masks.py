"""A method's strategy, suited to masks: small batches of whole pictures, each of which tells of many pixels."""

from __future__ import annotations

from headstart.core.strategy import Rule, Strategy
from headstart.methods.attention import is_attention
from headstart.methods.method import Situation, epochs_for

BATCH = 8
STEPS = 800
LONGER = 3
"""Times as many steps and passes from scratch."""
HEAD_RATE, BODY_RATE, SCRATCH_RATE = 1e-3, 3e-4, 1e-3
FRESH = ("full", "gradual", "l2-sp", "lp-ft")
"""Methods whose head starts fresh, or has learnt alone for a while, and whose whole body moves."""


def for_masks(strategy: Strategy, situation: Situation) -> Strategy:
    """AdamW with warm-up and a cosine, strong augmentation, the pretrained normalisation kept still."""
    longer = LONGER if strategy.method == "scratch" else 1
    changes: dict[str, object] = {
        "solver": "gradient",
        "optimizer": "adamw",
        "batch_size": BATCH,
        "epochs": epochs_for(situation, batch_size=BATCH, steps=longer * STEPS, least=longer * 10, most=longer * 200),
        "schedule": "cosine",
        "warm_up": 0.05,
        "weight_decay": 0.01,
        "clip_norm": 1.0,
        "label_smoothing": 0.0,
        "class_weights": "balanced",
        "augmentation": "strong",
        "mixup": 0.0,
        "train_size": None,
    }
    body = BODY_RATE / 3 if is_attention(situation.card) else BODY_RATE
    head = Rule(pattern="head.*", learning_rate=HEAD_RATE)
    if strategy.method in FRESH:
        changes["rules"] = (head, Rule(pattern="*", learning_rate=body))
    elif strategy.method == "scratch":
        changes["rules"] = (Rule(pattern="*", learning_rate=SCRATCH_RATE),)
    else:
        changes["rules"] = (head, *(rule for rule in strategy.rules if not rule.pattern.startswith("head.")))
    return strategy.model_copy(update=changes)
