"""Where the pooled features of a network are that nothing is known of: found out by running it, or said by a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor, nn

from headstart.core.errors import ModelError, did_you_mean
from headstart.models.foreign_errors import in_short
from headstart.models.networks.source_head import SourceHead

OPTION = "features"
HINT = (
    f"Say where they are at the end of the id: #{OPTION}=before:LAYER for what goes into a layer, such as the last "
    f"linear one; #{OPTION}=after:LAYER for what comes out of one, averaged over positions where it has some; "
    f"#{OPTION}=output for what the network gives."
)
TOLERANCE = 1e-5
LATEST = 6


class Place(NamedTuple):
    """Where pooled features are: what goes into a layer, what comes out of one, or what the network gives."""

    side: Literal["before", "after", "output"]
    layer: str = ""

    @property
    def text(self) -> str:
        """As an id has it."""
        return self.side if self.side == "output" else f"{self.side}:{self.layer}"

    @classmethod
    def of(cls, text: str, *, model: str) -> Place:
        """The place that an id names. Raises `ModelError` where it names none."""
        side, _, layer = text.partition(":")
        if text == "output":
            return cls("output")
        if side == "before" and layer:
            return cls("before", layer)
        if side == "after" and layer:
            return cls("after", layer)
        raise ModelError(f"'{text}' in {model} is no place of features.", hint=HINT)


class Split(NamedTuple):
    """A network whose output is its pooled features, and the linear head that it came with (None: not known)."""

    body: nn.Module
    head: SourceHead | None
    width: int
    place: Place


class Reached(BaseException):
    """What features are has been computed: the rest of the network is not run. No error, so nothing may swallow it."""

    def __init__(self, value: Any) -> None:
        self.value = value


class Tap(nn.Module):
    """Stands where features are, and ends the run of the network there; `inner` is the layer that makes them."""

    def __init__(self, inner: nn.Module | None) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Never returns."""
        if self.inner is not None:
            raise Reached(self.inner(*inputs, **named))
        raise Reached(inputs[0] if inputs else next(iter(named.values()), None))


class Traced(nn.Module):
    """A network up to its tap: (N, C, H, W) inputs -> pooled features (N, D)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, inputs: Tensor) -> Tensor:
        """Pooled features (N, D)."""
        try:
            value = self.network(inputs)
        except Reached as reached:
            value = reached.value
        return pooled(value)


@dataclass
class _Run:
    """What a run of the network has shown: its output, and of each module its last input, output and how often."""

    output: Any = None
    order: list[str] = field(default_factory=list)
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)


def pooled(value: Any) -> Tensor:
    """(N, D) features: maps (N, C, H, W) are averaged over their positions, and so are tokens (N, T, D).

    Raises `ValueError` for anything else.
    """
    if isinstance(value, Tensor) and value.is_floating_point():
        if value.ndim == 2:
            return value
        if value.ndim == 3:
            return value.mean(1)
        if value.ndim == 4:
            return value.mean((2, 3))
    raise ValueError(f"{_described(value)} is no tensor of features, maps or tokens")


def split(network: nn.Module, inputs: Tensor, *, model: str, place: Place | None = None) -> Split:
    """Take off what comes after the pooled features, in place. `inputs` are two pictures to run it on.

    Raises `ModelError` where it does not run, where the place of the features cannot be told, and where there is none
    of that name.
    """
    network.eval()
    run = _watch(network, inputs, model)
    found = place or _find(network, run, model)
    head = _install(network, run, found, model)
    body = Traced(network).eval()
    with torch.no_grad():
        features = _features(body, inputs, model, found)
    _drop_unused(body, inputs)
    with torch.no_grad():
        again = _features(body, inputs, model, found)
    if not torch.allclose(features, again, rtol=1e-4, atol=1e-6):
        raise ModelError(
            f"{model} gives other features when it is run again, or without the layers that come after them: it does "
            "something that Headstart cannot follow.",
        )
    return Split(body, head, features.shape[1], found)


def _watch(network: nn.Module, inputs: Tensor, model: str) -> _Run:
    run = _Run()
    handles = []
    for name, module in network.named_modules():
        if name:
            handles.append(module.register_forward_hook(_watcher(run, name), with_kwargs=True))
    try:
        with torch.no_grad():
            run.output = network(inputs)
    except Exception as error:
        size = "x".join(map(str, inputs.shape[1:]))
        raise ModelError(
            f"{model} cannot be run on pictures of {size}: {in_short(error)}.",
            hint="Where it wants others, say so at the end of the id: #size=PIXELS, #channels=NUMBER.",
        ) from error
    finally:
        for handle in handles:
            handle.remove()
    return run


def _watcher(run: _Run, name: str) -> Any:
    def hook(module: nn.Module, arguments: tuple[Any, ...], named: dict[str, Any], output: Any) -> None:
        del module
        run.order.append(name)
        run.inputs[name] = arguments[0] if arguments else next(iter(named.values()), None)
        run.outputs[name] = output

    return hook


def _find(network: nn.Module, run: _Run, model: str) -> Place:
    """Before the linear layer whose output is the network's; or the output, where a head was put out of action."""
    output = _given(run)
    if isinstance(output, Tensor) and output.ndim == 2:
        for name in reversed(run.order):
            module, value = network.get_submodule(name), run.outputs[name]
            if not isinstance(value, Tensor) or run.order.count(name) != 1:
                continue
            if isinstance(module, nn.Linear) and run.inputs[name].ndim == 2 and _gives(value, output):
                return Place("before", name)
            if _is_pointwise(module) and value.shape[2:] == (1, 1) and _gives(value.flatten(1), output):
                return Place("before", name)
        last = next(reversed([name for name in run.order if not any(network.get_submodule(name).children())]), "")
        if last and isinstance(network.get_submodule(last), nn.Identity) and run.outputs[last] is output:
            return Place("output")
    latest = [f"{name} {_described(run.outputs[name])}" for name in list(dict.fromkeys(run.order))[-LATEST:]]
    raise ModelError(
        f"It cannot be told where the pooled features of {model} are: it gives {_described(run.output)}, and no linear "
        f"layer gives just that. Its last layers give: {', '.join(latest) or 'nothing'}.",
        hint=HINT,
    )


def _given(run: _Run) -> Any:
    """The output of the network, or what it calls its logits."""
    if isinstance(run.output, dict):
        return run.output.get("logits")
    return run.output if isinstance(run.output, Tensor) else getattr(run.output, "logits", None)


def _is_pointwise(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1) and module.groups == 1


def _gives(logits: Tensor, output: Tensor) -> bool:
    """Whether the output is these logits, or the probabilities that they stand for."""
    if logits.shape != output.shape:
        return False
    forms = (logits, logits.softmax(1), logits.log_softmax(1), logits.sigmoid())
    return any(torch.allclose(form, output, rtol=TOLERANCE, atol=TOLERANCE) for form in forms)


def _install(network: nn.Module, run: _Run, place: Place, model: str) -> SourceHead | None:
    """Put a tap where the features are, and hand back the head that it takes the place of, where it is linear."""
    if place.side == "output":
        return None
    names = [name for name, _ in network.named_modules() if name]
    calls = run.order.count(place.layer)
    if place.layer not in names:
        raise ModelError(f"{model} has no layer '{place.layer}'.{did_you_mean(place.layer, names)}", hint=HINT)
    if calls != 1:
        how = "is not called by itself" if calls == 0 else f"is called {calls} times"
        raise ModelError(f"The layer '{place.layer}' of {model} {how} when the network runs.", hint=HINT)
    layer = network.get_submodule(place.layer)
    before = place.side == "before"
    network.set_submodule(place.layer, Tap(None if before else layer))
    given = _given(run)
    if before:  # dropout between features and classifier belongs to the classifier
        for name in run.order:
            if isinstance(network.get_submodule(name), nn.Dropout) and run.outputs[name] is run.inputs[place.layer]:
                network.set_submodule(name, nn.Identity())
    value = run.outputs[place.layer]
    gave = isinstance(value, Tensor) and isinstance(given, Tensor) and value.numel() == given.numel()
    return SourceHead.of(layer) if before and gave and _gives(value.reshape(given.shape), given) else None


def _features(body: nn.Module, inputs: Tensor, model: str, place: Place) -> Tensor:
    try:
        features: Tensor = body(inputs)
    except Exception as error:
        raise ModelError(f"There are no features at {place.text} of {model}: {in_short(error)}.", hint=HINT) from error
    if len(features) != len(inputs) or not torch.isfinite(features).all():
        raise ModelError(f"What is at {place.text} of {model} is not one row of finite numbers a picture.", hint=HINT)
    return features


def _drop_unused(body: Traced, inputs: Tensor) -> None:
    """Take away modules that do not run before the features are there: nothing of them could be learnt."""
    wanted = {name: parameter.requires_grad for name, parameter in body.named_parameters()}
    ran: set[str] = set()
    handles = [
        module.register_forward_pre_hook(lambda *_, name=name: ran.add(name)) for name, module in body.named_modules()
    ]
    try:
        with torch.enable_grad():
            body.requires_grad_(True)
            body(inputs).sum().backward()
    except RuntimeError:  # it cannot be told which weights matter: all of them stay
        ran.update(name for name, _ in body.named_modules())
    finally:
        for handle in handles:
            handle.remove()
    used = {name for name, parameter in body.named_parameters() if parameter.grad is not None}
    for name, parameter in body.named_parameters():
        parameter.grad = None
        parameter.requires_grad_(wanted[name])
    dropped: list[str] = []
    for name, module in list(body.named_modules()):
        own = [f"{name}.{each}" for each, _ in module.named_parameters()]
        inside = any(name.startswith(f"{other}.") for other in dropped)
        ran_before = name in ran or any(other.startswith(f"{name}.") for other in ran)
        if name and own and not inside and not ran_before and not used.intersection(own):
            body.set_submodule(name, nn.Identity())
            dropped.append(name)


def _described(value: Any) -> str:
    if isinstance(value, Tensor):
        return "(" + ", ".join(["N", *map(str, value.shape[1:])]) + ")"
    return f"a {type(value).__name__}"
