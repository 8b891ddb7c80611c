"""Write random weights for the config.json of a folder, as mlx_lm has the architecture."""

from __future__ import annotations

import json
import sys
from pathlib import Path

folder, site = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, site)

import mlx.core as mx  # noqa: E402
from mlx_lm.utils import _get_classes  # noqa: E402

from mlx.utils import tree_flatten  # noqa: E402

config = json.loads((folder / "config.json").read_text())
model_class, args_class = _get_classes(config)
mx.random.seed(5)
model = model_class(args_class.from_dict(config))
mx.save_safetensors(str(folder / "model.safetensors"), dict(tree_flatten(model.parameters())))
