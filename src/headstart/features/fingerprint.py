"""The identity of a network's weights, whatever file they came from and whatever has been done to them since."""

from __future__ import annotations

import torch
from torch import nn
from xxhash import xxh3_128


def weights_fingerprint(network: nn.Module) -> str:
    """32 hexadecimal digits that depend on every name, type, shape and value of the state dict."""
    digest = xxh3_128()
    for name, value in sorted(network.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
