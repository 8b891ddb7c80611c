import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { CLASSES } from './dataset.ts';

/** Two convolutions, each followed by a pooling that halves the image, and a linear layer that scores the digits. */
export class DigitNet extends nn.Module {
  conv1 = new nn.Conv2d(1, 8, 3, { padding: 1 });
  conv2 = new nn.Conv2d(8, 32, 3, { padding: 1 });
  pool = new nn.MaxPool2d(2);
  dropout = new nn.Dropout(0.125);
  output = new nn.Linear(2 * 2 * 32, CLASSES);

  /** The scores (n, classes) of images (n, 8, 8). */
  override forward(images: mx.Array): mx.Array {
    const half = this.pool.forward(nn.relu(this.conv1.forward(mx.expandDims(images, -1))));
    const quarter = this.pool.forward(nn.relu(this.conv2.forward(half)));
    return this.output.forward(this.dropout.forward(quarter.flatten(1)));
  }
}
