"""Which paths lead to something, for operations of the user's as for objects: one rule for both."""

import sys
from collections.abc import Callable
from typing import Any

import evil_module
import mlx.core as mx
import pytest
from conftest import Answers
from mlx_router_worker.dispatch import Dispatcher
from mlx_router_worker.frames import Frame, FrameType
from mlx_router_worker.guard import RefusedError
from mlx_router_worker.operations import UnresolvedError, find
from pets_module import call

ALLOWED = ["evil_module", "json", "numpy.linalg"]

OF_A_MODULE_OF_THE_USERS = """
    os.system os.popen os.environ.get os.path.join os.posix_spawn the_path.join sys.exit sys.modules.get sys.settrace
    subprocess.run subprocess.Popen builtins.eval codecs.open collections.OrderedDict
    contextlib.suppress functools.partial functools.reduce importlib.import_module io.open io.FileIO pathlib.Path
    pickle.loads random.choice threading.Thread types.FunctionType types.CodeType json.codecs.open
    compiler evaluate execute leave reach opened OrderedDict namedtuple CDLL partial reduce import_module
    getLogger environ environ.get environ.copy environ.clear fork kill popen putenv remove system join Path Path.home
    Path.cwd choice rmtree Popen run system_exit modules modules.get stdout stdout.write FunctionType Any Callable
    TypeVar np.load np.save np.memmap np.fromfile load mean sin here write lookup upper from_bytes search
    run_later pack Own.system Own.path.join Own.environ.get Own.Loader instance.run instance.system
    instance.path.join Thread.start Thread.join
"""
ELSEWHERE = {f"evil_module:{path}" for path in OF_A_MODULE_OF_THE_USERS.split()} | {
    "json:codecs.open",
    "json:codecs.builtins.eval",
    "json.decoder:re.compile",
    "json.decoder:scanner.re.compile",
    "json.encoder:re.sub",
    "json.tool:sys.exit",
    "json.tool:argparse.ArgumentParser",
    "json.tool:Path",
    "mlx.nn:layers.base.Any",
    "mlx.nn.layers.activations:partial",
    "mlx.nn.layers.activations:math.sqrt",
    "mlx.nn.utils:reduce",
    "mlx.utils:defaultdict",
    "mlx.utils:zip_longest",
    "mlx.optimizers.schedulers:math.cos",
    "mlx.nn:init.math.exp",
}
OTHER_MODULES = {
    *(f"{module}:{name}" for module in ("os", "posix", "nt", "pty") for name in ("system", "fork", "spawn")),
    "subprocess:run",
    "builtins:eval",
    "builtins:exec",
    "sys:exit",
    "ctypes:CDLL",
    "importlib:import_module",
    "runpy:run_path",
    "numpy:load",
    "numpy.linalgx:norm",
    "mlxx:run",
    "mlx_router_worker.worker:run",
    "mlx_router_worker.workarounds.integer_division:divmod",
    "mlx.extension:os.system",
    "mlx.extension:subprocess.run",
    "mlx.extension:CMakeBuild",
    "mlx.extension.x:y",
    "evil_module_:system",
    "jsonx:dumps",
}
PRIVATE = {
    *(f"evil_module:{path}" for path in ("_private", "__builtins__", "__dict__.get", "__loader__.load_module")),
    *(
        f"evil_module:local.{name}"
        for name in ("__globals__", "__code__.replace", "__call__", "__get__", "func_globals")
    ),
    *(
        f"evil_module:Own.{name}"
        for name in ("__init__", "mro", "__subclasses__", "__class__", "method.__globals__.get")
    ),
    "evil_module:TEXT.format",
    "evil_module:",
    "evil_module",
    "evil_module:local.",
    "evil_module:.local",
    "evil_module:local:os",
    "evil_module:local()",
    "evil_module:os .system",
    "evil_module:\uff3f\uff3fbuiltins\uff3f\uff3f",
    "evil_module.:local",
    ".evil_module:local",
    "evil_module..os:system",
    "_evil_module:local",
    "evil_module._os:system",
    "evil_module.__main__:x",
    "mlx._reprlib_fix:x",
    "mlx.__main__:main",
    "",
    ":",
    ":system",
    " os:system",
    "os;os:system",
    "mlx/../os:system",
    "json:__builtins__",
    "json:JSONDecoder.__call__",
}
FOUND = {
    "evil_module:local": evil_module.local,
    "evil_module:wrapped_in_numpy": evil_module.wrapped_in_numpy,
    "evil_module:like_mean": evil_module.like_mean,
    "evil_module:cached": evil_module.cached,
    "evil_module:managed": evil_module.managed,
    "evil_module:compiled": evil_module.compiled,
    "evil_module:derivative": evil_module.derivative,
    "evil_module:halved": evil_module.halved,
    "evil_module:vectorized": evil_module.vectorized,
    "evil_module:anonymous": evil_module.anonymous,
    "evil_module:Point": evil_module.Point,
    "evil_module:Own": evil_module.Own,
    "evil_module:Own.make": evil_module.Own.make,
    "evil_module:Own.plain": evil_module.Own.plain,
    "evil_module:Own.method": evil_module.Own.method,
    "evil_module:Thread": evil_module.Thread,
    "evil_module:instance": evil_module.instance,
    "evil_module:instance.method": evil_module.instance.method,
    "evil_module:bound": evil_module.bound,
    "evil_module:TABLE.get": evil_module.TABLE.get,
    "evil_module:Table.get": evil_module.Table.get,
    "evil_module:matmul": mx.matmul,
    "evil_module:linalg.cross": mx.linalg.cross,
    "evil_module:mx.add": mx.add,
    "evil_module:array": mx.array,
    "evil_module:array.sum": mx.array.sum,
    "evil_module:dumps": sys.modules["json"].dumps,
    "evil_module:json.dumps": sys.modules["json"].dumps,
    "json:JSONDecoder.decode": sys.modules["json"].JSONDecoder.decode,
    "json.decoder:scanstring": sys.modules["json.decoder"].scanstring,
    "numpy.linalg:norm": sys.modules["numpy.linalg"].norm,
    "evil_module:np_linalg.inv": sys.modules["numpy.linalg"].inv,
    "mlx.core:fast.rms_norm": mx.fast.rms_norm,
    "mlx.core:array.tolist": mx.array.tolist,
    "mlx.nn:Linear": sys.modules.get("mlx.nn"),
    "mlx.nn:losses.cross_entropy": None,
    "mlx.utils:tree_map": None,
    "operator:add": sys.modules["operator"].add,
    "operator:itemgetter": sys.modules["operator"].itemgetter,
}

evil_module.TEXT = "{0.__class__}"  # type: ignore[attr-defined]

Outcome = Callable[[str], Any]


def as_operation(path: str) -> str:
    try:
        find(path, True, ALLOWED)
    except RefusedError:
        return "refused"
    except UnresolvedError:
        return "unresolved"
    return "found"


def as_object(path: str) -> str:
    """Import the module and follow the path, by the requests for objects."""
    answers = Answers()
    dispatcher = Dispatcher(None, answers, ALLOWED)  # type: ignore[arg-type]

    def ask(kind: int, **header: Any) -> dict[str, Any]:
        dispatcher.dispatch(Frame(kind, 7, header, memoryview(b"")))
        return answers.frames[-1][1]

    module, _, names = path.partition(":")
    imported = ask(FrameType.IMPORT, module=module)
    if "kind" in imported:
        return str(imported["kind"])
    number = imported["v"]["r"][0]
    got = ask(FrameType.GET, on=number, path=names.split("."))
    if "kind" in got:
        # What cannot be got cannot be called.
        assert call(ask, number, *names.split("."), args=["x"])["kind"] == got["kind"]
    return str(got.get("kind", "found"))


def test_there_are_hundreds_of_paths() -> None:
    assert len(ELSEWHERE | OTHER_MODULES | PRIVATE) > 150


@pytest.mark.parametrize("path", sorted(ELSEWHERE))
def test_what_comes_from_elsewhere_is_refused_both_ways(path: str) -> None:
    assert (as_operation(path), as_object(path)) == ("refused", "refused")


@pytest.mark.parametrize("path", sorted(OTHER_MODULES))
def test_other_modules_are_refused_both_ways(path: str) -> None:
    assert (as_operation(path), as_object(path)) == ("refused", "refused")


@pytest.mark.parametrize("path", sorted(PRIVATE))
def test_what_is_no_public_path_is_refused_both_ways(path: str) -> None:
    assert (as_operation(path), as_object(path)) == ("refused", "private")


@pytest.mark.parametrize("path", sorted(FOUND))
def test_what_a_module_has_of_its_own_is_found(path: str) -> None:
    found = find(path, True, ALLOWED)
    assert callable(found)
    if FOUND[path] is not None and not path.startswith("mlx.nn"):
        assert found == FOUND[path]
    if not path.startswith("operator"):
        assert as_object(path) in ("found", "user")


@pytest.mark.parametrize("name", ["operator:add", "operator:call"])
def test_operators_are_for_operations_alone(name: str) -> None:
    assert (as_operation(name), as_object(name)) == ("found", "refused")


def test_what_is_written_in_c_and_names_no_module_belongs_to_the_module_that_has_it() -> None:
    class Nameless:
        pass

    Nameless.__module__ = "builtins"
    evil_module.Nameless = Nameless  # type: ignore[attr-defined]
    other = type(sys)("other")
    try:
        assert find("evil_module:Nameless", True, ALLOWED) is Nameless
        other.Nameless = Nameless  # type: ignore[attr-defined]
        sys.modules["other"] = other
        assert as_operation("evil_module:Nameless") == "refused"
    finally:
        sys.modules.pop("other", None)
        del evil_module.Nameless  # type: ignore[attr-defined]
