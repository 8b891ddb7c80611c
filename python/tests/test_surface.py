"""The names that the installed wheel has, as `mlx-router ops` reads them."""

from mlx_router_worker.surface import public_names


def test_has_functions_submodules_and_members() -> None:
    names = public_names()
    for name in [
        "add",
        "linalg.svd",
        "distributed.all_sum",
        "array.sum",
        "array.__add__",
        "finfo.eps",
        "cuda.is_available",
    ]:
        assert name in names
    assert len(names) == len(set(names))


def test_leaves_out_what_is_private_or_no_name_of_mlx() -> None:
    names = public_names()
    assert not [name for name in names if name.startswith("_") or "._" in name.replace(".__", ".")]
    for name in ["linalg", "array.__doc__", "array.__module__", "DtypeCategory.mro", "Device.__eq__"]:
        assert name not in names
