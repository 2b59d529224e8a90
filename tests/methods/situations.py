"""Situations that methods are asked about."""

from __future__ import annotations

from headstart.core.card import ModelCard
from headstart.methods.method import Situation

CARD = ModelCard(id="timm/resnet18", source="timm")
PHOTOS = Situation(items=749, classes=5, card=CARD)
