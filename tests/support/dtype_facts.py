"""What the installed wheel answers about its dtypes, as JSON."""

import json

import mlx.core as mx

NAMES = [
    "bool_",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "float32",
    "float64",
    "bfloat16",
    "complex64",
]
CATEGORIES = [
    "generic",
    "number",
    "integer",
    "signedinteger",
    "unsignedinteger",
    "inexact",
    "floating",
    "complexfloating",
]
KINDS = ["bool", "signed integer", "unsigned integer", "integral", "real floating", "complex floating", "numeric"]


def name(dtype: mx.Dtype) -> str:
    return str(dtype).rpartition(".")[2]


def limits(dtype: mx.Dtype) -> dict[str, object]:
    try:
        info = mx.finfo(dtype)
    except ValueError:
        pass
    else:
        figures = {key: float(getattr(info, key)).hex() for key in ("min", "max", "eps", "smallest_normal")}
        return {"text": repr(info), "dtype": name(info.dtype), "bits": info.bits, **figures}
    try:
        integers = mx.iinfo(dtype)
    except ValueError as error:
        return {"error": str(error)}
    return {"text": repr(integers), "dtype": name(integers.dtype), "min": str(integers.min), "max": str(integers.max)}


dtypes = [getattr(mx, each) for each in NAMES]
categories = [getattr(mx, each) for each in CATEGORIES]
print(
    json.dumps(
        {
            "names": [name(dtype) for dtype in dtypes],
            "categories": CATEGORIES,
            "kinds": KINDS,
            "sizes": [dtype.size for dtype in dtypes],
            "promoted": [[name(mx.result_type(a, b)) for b in dtypes] for a in dtypes],
            "cast": [[mx.can_cast(a, b) for b in dtypes] for a in dtypes],
            "within": [[mx.issubdtype(a, b) for b in dtypes + categories] for a in dtypes + categories],
            "ofKind": [[mx.isdtype(a, kind) for kind in KINDS] for a in dtypes],
            "limits": [limits(dtype) for dtype in dtypes],
        }
    )
)
