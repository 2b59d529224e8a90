"""What a view is made of."""

from __future__ import annotations

from typing import Literal

from headstart.core.record import Record


class Kind(Record):
    """A head on the features of these networks side by side; `stages` takes those of several layers.

    The head is `solved` on the features, as a probe is; otherwise it is the one that was trained with the network. With
    `words`, it is a bag of words, which needs no network.
    """

    networks: tuple[Literal["pretrained", "tuned"], ...]
    stages: bool = False
    solved: bool = True
    words: bool = False

    @property
    def needs_tuned(self) -> bool:
        """Whether the network has to be fine-tuned for it."""
        return "tuned" in self.networks
