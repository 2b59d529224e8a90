"""The fastest forward of a frozen backbone on this machine that gives what the plain forward gives."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from headstart.core.card import InputFacts, ModelInput
from headstart.core.runtime import Precision
from headstart.features.folding import fold_batch_norm
from headstart.features.key import Kind
from headstart.features.packing import can_pack, pack_convolutions
from headstart.features.pictures import batch_size_for
from headstart.features.threads import cores_shared_out
from headstart.models.backbone import Backbone

TOLERANCE = 1e-4
WORTH_IT = 32


@dataclass(frozen=True)
class Forward:
    """A frozen copy of a backbone, ready to run. `notes` say how it differs from the plain one, and by how much."""

    network: Backbone
    device: str
    precision: Precision
    kind: Kind = "pooled"
    notes: tuple[str, ...] = ()

    @torch.inference_mode()
    def __call__(self, inputs: Tensor) -> Tensor:
        """Features (N, D) of this kind, float32, of inputs on the device, as the network's `forward` takes them."""
        if inputs.is_floating_point():
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        lowered = self.precision == "bfloat16"
        with torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=lowered):
            if self.kind == "stages":
                features = self.network.forward_stages(inputs).stages
            else:
                features = self.network(inputs).pooled
        if features is None:
            raise ValueError(f"{self.network.card.id} gives no {self.kind} features")
        return torch.as_tensor(features, dtype=torch.float32)


def plain_forward(backbone: Backbone, *, device: str, precision: Precision, kind: Kind = "pooled") -> Forward:
    """The backbone as it is, channels-last on the device."""
    network = copy.deepcopy(backbone).to(device).eval().requires_grad_(False)
    return Forward(network.to(memory_format=torch.channels_last), device, precision, kind)


def fast_forward(
    backbone: Backbone, *, facts: ModelInput, device: str, precision: Precision, items: int, kind: Kind = "pooled"
) -> Forward:
    """The backbone with batch norms folded and, on a processor, its convolutions packed for oneDNN.

    It is held against the plain forward on two random pictures. Where they differ by more than 1e-4 of the largest
    feature, the plain forward is returned, and its notes say so; for fewer than 32 `items` it always is, because the
    check would cost more than it gains.
    """
    plain = plain_forward(backbone, device=device, precision=precision, kind=kind)
    convolutions = any(isinstance(module, nn.Conv2d) for module in plain.network.modules())
    if items < WORTH_IT or not convolutions or not isinstance(facts, InputFacts):
        return plain
    with cores_shared_out(device):
        return _checked(plain, facts)


def _checked(plain: Forward, facts: InputFacts) -> Forward:
    """The fastest of the rewritten forwards that gives what the plain one gives."""
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(2, facts.channels, *facts.size, generator=generator).to(plain.device)
    wanted = replace(plain, precision="float32")(inputs)
    # Rounding to bfloat16 in another order moves the features about as far as rounding moves them at all.
    lowered = plain.precision == "bfloat16"
    allowed = TOLERANCE + 1.5 * _difference(plain(inputs), wanted) if lowered else TOLERANCE
    packs = (True, False) if plain.device == "cpu" and not lowered and can_pack() else (False,)
    notes: list[str] = []
    for pack in packs:
        try:
            fast, what = _rewritten(plain, inputs, pack=batch_size_for(facts, plain.device) if pack else None)
            difference = _difference(fast(inputs), wanted)
        except (RuntimeError, AttributeError, TypeError, ValueError) as error:
            notes.append(f"The network could not be rewritten for speed: {type(error).__name__}: {error}.")
            continue
        if difference <= allowed:
            return replace(fast, notes=(*notes, f"{what}; features differ by at most {difference:.1e} of the largest."))
        notes.append(f"{what} would change the features by {difference:.1e} of the largest, so it was not done.")
    return replace(plain, notes=tuple(notes))


def _rewritten(plain: Forward, inputs: Tensor, *, pack: int | None) -> tuple[Forward, str]:
    """The forward rewritten, its convolutions packed for batches of `pack`, and what was done to it."""
    network = copy.deepcopy(plain.network)
    one = inputs[:1].contiguous(memory_format=torch.channels_last)
    folded = fold_batch_norm(network, one)
    network.to(memory_format=torch.channels_last)
    what = f"{folded} batch norms folded"
    if pack is not None:
        what += f", {pack_convolutions(network, one, batch_size=pack)} convolutions packed"
    if plain.precision == "bfloat16":
        _lower_weights(network)
    return replace(plain, network=network), what


def _lower_weights(network: nn.Module) -> None:
    """Round once the weights that autocast would round again for every batch."""
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.to(torch.bfloat16)


def _difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest difference, relative to the largest feature; infinite where anything is not a number."""
    difference = float((ours - theirs).abs().max() / theirs.abs().max().clamp_min(1e-30))
    return difference if difference == difference else float("inf")
