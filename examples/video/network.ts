import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';

/** Of each stage: the channels that it gives, the size of its kernels, its first stride, how many blocks it has. */
export type Stage = readonly [channels: number, kernel: number, stride: number, blocks: number];

const LITE0: readonly Stage[] = [
  [16, 3, 1, 1],
  [24, 3, 2, 2],
  [40, 5, 2, 2],
  [80, 3, 2, 3],
  [112, 5, 1, 3],
  [192, 5, 2, 4],
  [320, 3, 1, 1],
];

/** What the colours of its training's pictures were shifted and scaled by. */
const MEAN = 127;
const DEVIATION = 128;

/** Zeros around the picture so that a convolution gives `size / stride`, for even sizes: the odd one lies behind. */
function padded(x: mx.Array, kernel: number, stride: number): mx.Array {
  const before = Math.floor((kernel - stride) / 2);
  const sides = [before, kernel - stride - before];
  return mx.pad(x, [[0, 0], sides, sides, [0, 0]]);
}

/** Widens the channels, convolves each by itself, and narrows them; what keeps its shape is added to what came. */
class Block extends nn.Module {
  expand?: nn.Linear;
  depthwise: nn.Conv2d;
  project: nn.Linear;
  readonly #kernel: number;
  readonly #stride: number;
  readonly #adds: boolean;

  constructor(inputs: number, outputs: number, kernel: number, stride: number, factor: number) {
    super();
    if (factor > 1) this.expand = new nn.Linear(inputs, factor * inputs);
    this.depthwise = new nn.Conv2d(factor * inputs, factor * inputs, kernel, { stride, groups: factor * inputs });
    this.project = new nn.Linear(factor * inputs, outputs);
    this.#kernel = kernel;
    this.#stride = stride;
    this.#adds = stride === 1 && inputs === outputs;
  }

  override forward(x: mx.Array): mx.Array {
    const wide = this.expand === undefined ? x : nn.relu6(this.expand.forward(x));
    const each = this.depthwise.forward(padded(wide, this.#kernel, this.#stride));
    const narrow = this.project.forward(nn.relu6(each));
    return this.#adds ? x.add(narrow) : narrow;
  }
}

/** EfficientNet-Lite0 (Tan and Le, https://arxiv.org/abs/1905.11946), its normalizations joined with the convolutions. */
export class EfficientNetLite extends nn.Module {
  stem: nn.Conv2d;
  blocks: Block[];
  head: nn.Linear;
  classifier: nn.Linear;

  constructor(stages = LITE0, { stem = 32, head = 1280, classes = 1000 } = {}) {
    super();
    this.stem = new nn.Conv2d(3, stem, 3, { stride: 2 });
    this.blocks = [];
    let inputs = stem;
    for (const [channels, kernel, stride, blocks] of stages) {
      for (let block = 0; block < blocks; block++) {
        const factor = this.blocks.length === 0 ? 1 : 6;
        this.blocks.push(new Block(inputs, channels, kernel, block === 0 ? stride : 1, factor));
        inputs = channels;
      }
    }
    this.head = new nn.Linear(inputs, head);
    this.classifier = new nn.Linear(head, classes);
  }

  /** The scores `[n, classes]` of pictures `[n, height, width, 3]`, uint8, of an even height and width. */
  override forward(pictures: mx.Array): mx.Array {
    const { dtype } = this.head.weight;
    let x = pictures.astype(dtype).subtract(MEAN).divide(DEVIATION);
    x = nn.relu6(this.stem.forward(padded(x, 3, 2)));
    for (const block of this.blocks) x = block.forward(x);
    return this.classifier.forward(nn.relu6(this.head.forward(x)).mean([1, 2]));
  }
}
