"""Python's own layers, losses, initializers and optimizers, run on what a parity test hands over."""

import re
import sys
from importlib import import_module
from typing import Any, cast

import mlx.core as mx

# Their types are incomplete.
nn: Any = import_module("mlx.nn")
optimizers: Any = import_module("mlx.optimizers")
utils: Any = import_module("mlx.utils")


Weights = list[tuple[str, mx.array]]


def sequential(input_dims: int) -> Any:
    return nn.Sequential(nn.Linear(input_dims, 4), nn.ReLU(), nn.tanh, nn.Linear(4, 2))


def upsample_nearest(x: mx.array, scale_factor: list[float]) -> mx.array:
    # It tells integers from others only in a tuple.
    return cast(mx.array, nn.layers.upsample.upsample_nearest(x, tuple(scale_factor)))


def qq_linear(input_dims: int, mode: str) -> Any:
    module = nn.QQLinear(input_dims, 32, mode=mode)
    module.eval()
    module.freeze()
    return module


def multi_optimizer(learning_rate: float) -> Any:
    first = optimizers.SGD(learning_rate, momentum=0.5)
    return optimizers.MultiOptimizer([first, optimizers.Adam(0.1)], [lambda path, _: path.endswith("weight")])


def clip_grad_norm(a: mx.array, b: mx.array, max_norm: float) -> mx.array:
    """All clipped elements, and the norm behind them."""
    clipped, norm = optimizers.clip_grad_norm({"a": a, "b": [b]}, max_norm)
    return mx.concatenate([clipped["a"].flatten(), clipped["b"][0].flatten(), norm.reshape(1)])


def find(path: str) -> Any:
    """What a dotted path names: ``nn.Linear``, ``optimizers.Adam``, or a function of this module."""
    value: Any = {"nn": nn, "optimizers": optimizers, "reference": sys.modules[__name__]}[path.split(".")[0]]
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
    here: str,
    there: str,
    inputs: list[Any],
    training: bool,
    seed: int,
    differentiable: bool,
) -> dict[str, Any]:
    """The parameters that the layer begins with, its outputs, and the gradients by its parameters and its inputs.

    It takes its weights from the file ``here``, which Node has written, and writes them to the file ``there``.
    """
    mx.random.seed(seed)
    module = find(name)(**options)
    initial = pairs(module.parameters())
    if initial:
        module.load_weights(here)
        mx.eval(module.parameters())
        module.save_weights(there)
    weights = pairs(module.parameters())
    module.train(training)
    mx.random.seed(seed)
    outputs = outputs_of(module(*inputs))
    moved = pairs(module.parameters())
    floats = [i for i, x in enumerate(inputs) if isinstance(x, mx.array) and mx.issubdtype(x.dtype, mx.floating)]
    gradients: Weights = []
    if differentiable and pairs(module.trainable_parameters()):
        module.load_weights([(path, array) for path, array in weights])
        mx.random.seed(seed)
        step = nn.value_and_grad(module, lambda *given: score(outputs_of(module(*given))))
        gradients = pairs(step(*inputs)[1])
    by_inputs: list[mx.array] = []
    if differentiable and floats:
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
    """A loss or an activation: its value, and its gradients by the arrays of numbers among the arguments."""
    call = find(name)
    value = call(*arguments, **options)
    floats = [i for i, x in enumerate(arguments) if isinstance(x, mx.array) and mx.issubdtype(x.dtype, mx.floating)]
    gradient = mx.grad(lambda *given: score([call(*given, **options)]), argnums=floats)(*arguments)
    return {"value": value, "gradients": outputs_of(gradient)}


def initializer(name: str, args: list[float], array: mx.array, seed: int) -> mx.array:
    mx.random.seed(seed)
    return cast(mx.array, find(name)(*args)(array))


def made_schedule(name: str, args: list[Any]) -> Any:
    """The schedule of that name; a list that begins with a name among the arguments is one."""

    def read(value: Any) -> Any:
        if not isinstance(value, list):
            return value
        if value and isinstance(value[0], str):
            return made_schedule(value[0], value[1:])
        return [read(item) for item in value]

    return find(f"optimizers.{name}")(*[read(value) for value in args])


def schedule(name: str, args: list[Any], steps: list[int]) -> list[mx.array]:
    call = made_schedule(name, args)
    return [mx.array(call(mx.array(step, mx.uint64))) for step in steps]


def made_optimizer(name: str, options: dict[str, Any]) -> Any:
    return find(name)(**{("beta_1" if key == "beta1" else key): value for key, value in options.items()})


def optimizer(
    name: str,
    options: dict[str, Any],
    weights: Weights,
    gradients: list[Weights],
    here: str,
    there: str,
) -> dict[str, Any]:
    """The parameters and the state after a step with each of the gradients.

    Half way it writes its state to the file ``there``. The last of the results are the parameters of another optimizer,
    which goes on from there with the state that Node has written to the file ``here``.
    """

    def go(algorithm: Any, parameters: Any, steps: list[Weights]) -> Any:
        # Some optimizers change what they get in place.
        parameters = utils.tree_map(mx.array, parameters)
        for step in steps:
            gradient = utils.tree_unflatten([(path, mx.array(array)) for path, array in step])
            parameters = algorithm.apply_gradients(gradient, parameters)
        return parameters

    half = len(gradients) // 2
    algorithm = made_optimizer(name, options)
    between = go(algorithm, utils.tree_unflatten([(path, array) for path, array in weights]), gradients[:half])
    mx.save_safetensors(there, dict(pairs(algorithm.state)))
    parameters = go(algorithm, between, gradients[half:])
    other = made_optimizer(name, options)
    other.state = utils.tree_unflatten(list(cast(dict[str, mx.array], mx.load(here)).items()))
    resumed = go(other, between, gradients[half:])
    return {"parameters": pairs(parameters), "state": pairs(algorithm.state), "resumed": pairs(resumed)}


def trained_layer(name: str, options: dict[str, Any], inputs: list[Any], steps: int, seed: int) -> list[Weights]:
    """The parameters of the layer after so many steps of Adam, and its state."""
    mx.random.seed(seed)
    module = find(name)(**options)
    algorithm = optimizers.Adam(0.01)
    step = nn.value_and_grad(module, lambda *given: score(outputs_of(module(*given))))
    for _ in range(steps):
        algorithm.update(module, step(*inputs)[1])
        mx.eval(module.parameters(), algorithm.state)
    return [pairs(module.parameters()), pairs(algorithm.state)]


def attempt(
    kind: str,
    name: str,
    args: list[Any],
    options: dict[str, Any],
    inputs: list[Any],
    training: bool,
    seed: int,
) -> dict[str, Any]:
    """What a call comes to that may be wrong: its results, or the class of the exception."""
    mx.random.seed(seed)
    try:
        run = prepared(kind, name, args, options, training)
        results = outputs_of(run(*inputs))
        mx.eval(results)
    except Exception as error:
        return {"results": [], "error": f"{type(error).__name__}: {error}"}
    return {"results": results, "error": ""}


def prepared(kind: str, name: str, args: list[Any], options: dict[str, Any], training: bool) -> Any:
    """What takes the inputs of a call of that kind."""
    if kind == "layer":
        module = find(name)(**options)
        module.train(training)
        return module
    if kind == "initializer":
        return find(name)(*args)
    if kind == "schedule":
        made = made_schedule(name, args)
        return lambda: mx.array(made(mx.array(3, mx.uint64)))
    if kind == "optimizer":
        algorithm = made_optimizer(name, options)

        def step(parameter: Any = None, *gradient: Any) -> list[Any]:
            bias = mx.full([3], 0.5)
            gradients = {"bias": bias, "weight": gradient[0]} if gradient else {"bias": bias}
            changed = algorithm.apply_gradients(gradients, {"bias": mx.ones(3), "weight": parameter})
            return [array for _, array in sorted(changed.items())]

        return step
    call = find(name)
    return lambda *inputs: call(*inputs, *args, **options)


def all_layers(
    parts: list[tuple[str, str, dict[str, Any]]],
    here: str,
    there: str,
    inputs: list[list[Any]],
    seed: int,
) -> dict[str, Any]:
    """What a model of these layers gives in evaluation mode with the weights of the file ``here``.

    It writes its weights to the file ``there``.
    """
    mx.random.seed(seed + 2)
    model = nn.Module()
    model.layers = {name: find(path)(**options) for name, path, options in parts}
    names = [path for path, _ in pairs(model.parameters())]
    model.load_weights(here, strict=True)
    mx.eval(model.parameters())
    model.save_weights(there)
    model.eval()
    mx.random.seed(seed)
    outputs = [outputs_of(model.layers[name](*given)) for (name, _, _), given in zip(parts, inputs, strict=True)]
    return {"names": names, "outputs": outputs}
