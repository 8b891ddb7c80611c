"""Python's own layers, losses, initializers and optimizers, run on what a parity test hands over."""

import re
from importlib import import_module
from typing import Any, cast

import mlx.core as mx

# Their types are incomplete.
nn: Any = import_module("mlx.nn")
optimizers: Any = import_module("mlx.optimizers")
utils: Any = import_module("mlx.utils")


Weights = list[tuple[str, mx.array]]


def find(path: str) -> Any:
    """What a dotted path names: ``nn.Linear``, ``optimizers.Adam``."""
    value: Any = {"nn": nn, "optimizers": optimizers}[path.split(".")[0]]
    for name in path.split(".")[1:]:
        value = getattr(value, name)
    return value


def pairs(tree: Any) -> Weights:
    return cast(Weights, utils.tree_flatten(tree))


def outputs_of(result: Any) -> list[mx.array]:
    return list(result) if isinstance(result, (list, tuple)) else [result]


def score(outputs: list[mx.array]) -> mx.array:
    """One number of all outputs, to which each element adds something else."""
    total = mx.array(0.0)
    for output in outputs:
        weights = mx.cos(mx.arange(output.size)).reshape(output.shape)
        total = total + mx.sum(output.astype(mx.float32) * weights)
    return total


def layer(
    name: str,
    options: dict[str, Any],
    weights: Weights,
    inputs: list[Any],
    training: bool,
    seed: int,
) -> dict[str, Any]:
    """The parameters that the layer begins with, its outputs, and the gradients by its parameters and its inputs."""
    mx.random.seed(seed)
    module = find(name)(**options)
    initial = pairs(module.parameters())
    module.load_weights([(path, array) for path, array in weights])
    module.train(training)
    mx.random.seed(seed)
    outputs = outputs_of(module(*inputs))
    moved = pairs(module.parameters())
    floats = [i for i, x in enumerate(inputs) if isinstance(x, mx.array) and mx.issubdtype(x.dtype, mx.floating)]
    gradients: Weights = []
    if pairs(module.trainable_parameters()):
        module.load_weights([(path, array) for path, array in weights])
        mx.random.seed(seed)
        step = nn.value_and_grad(module, lambda *given: score(outputs_of(module(*given))))
        gradients = pairs(step(*inputs)[1])
    by_inputs: list[mx.array] = []
    if floats:
        module.load_weights([(path, array) for path, array in weights])
        mx.random.seed(seed)
        found = mx.grad(lambda *given: score(outputs_of(module(*given))), argnums=floats)(*inputs)
        by_inputs = outputs_of(found)
    return {
        "text": re.sub(r"<function (\w+) at 0x[0-9a-f]+>", r"\1", repr(module)),
        "initial": initial,
        "outputs": outputs,
        "moved": moved,
        "gradients": gradients,
        "inputs": by_inputs,
    }


def function(name: str, arguments: list[Any], **options: Any) -> dict[str, Any]:
    """A loss or an activation: its value, and its gradients by the arrays among the arguments."""
    call = find(name)
    value = call(*arguments, **options)
    floats = [i for i, x in enumerate(arguments) if mx.issubdtype(x.dtype, mx.floating)]
    gradient = mx.grad(lambda *given: score([call(*given, **options)]), argnums=floats)(*arguments)
    return {"value": value, "gradients": outputs_of(gradient)}


def initializer(name: str, args: list[float], array: mx.array, seed: int) -> mx.array:
    mx.random.seed(seed)
    return cast(mx.array, find(name)(*args)(array))


def schedule(name: str, args: list[float], steps: list[int]) -> list[mx.array]:
    call = find(name)(*args)
    return [mx.array(call(mx.array(step, mx.uint64))) for step in steps]


def optimizer(name: str, options: dict[str, Any], weights: Weights, gradients: list[Weights]) -> dict[str, Any]:
    """The parameters and the state after a step with each of the gradients."""
    if "beta1" in options:
        options["beta_1"] = options.pop("beta1")
    algorithm = find(name)(**options)
    parameters: Any = utils.tree_unflatten([(path, array) for path, array in weights])
    for step in gradients:
        changed = algorithm.apply_gradients(utils.tree_unflatten([(path, array) for path, array in step]), parameters)
        parameters = changed
    return {"parameters": pairs(parameters), "state": pairs(algorithm.state)}
