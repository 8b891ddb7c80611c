import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as utils from '../../mlx/utils/index.ts';

/** One of several processes of a ring that share layers; prints what came out as one line of JSON. */
type Tensor = mx.Array;

const group = mx.distributed.init({ strict: true, backend: 'ring' });

mx.random.seed(11);
const linear = new nn.Linear(8, 4);
const quantizable = new nn.Linear(128, 8);
const x = mx.random.normal([3, 8]);
const wide = mx.random.normal([3, 128]);
const quantized = quantizable.toQuantized() as nn.QuantizedLinear;

const gathered = (part: Tensor) =>
  mx.concatenate(mx.split(mx.distributed.allGather(part, { group }), group.size(), 0), -1);
const near = (a: Tensor, b: Tensor) => a.shape.join() === b.shape.join() && mx.allclose(a, b, 1e-4, 1e-4).item();
/** This process's part of the last axis. */
const own = (array: Tensor) => mx.split(array, group.size(), -1)[group.rank()] as Tensor;

const wideOut = nn.layers.shardLinear(linear, 'all-to-sharded') as nn.AllToShardedLinear;
const allOut = nn.layers.shardLinear(linear, 'sharded-to-all') as nn.ShardedToAllLinear;
const quantizedWide = nn.layers.shardLinear(quantized, 'all-to-sharded') as nn.QuantizedAllToShardedLinear;
const quantizedAll = nn.layers.shardLinear(quantized, 'sharded-to-all') as nn.QuantizedShardedToAllLinear;
const inplace = new nn.Linear(8, 4).update(linear.parameters());
nn.layers.shardInplace(inplace, 'all-to-sharded', { group });

const whole = new nn.Linear(8, 4).update(linear.parameters());
const full = nn.fullyShard(whole) as nn.FullyShardedModule;
const score = (layer: { forward(x: Tensor): Tensor }) => (y: Tensor) => mx.sum(mx.square(layer.forward(y)));

const rank = group.rank();
const averaged = nn.averageGradients({ a: mx.array([rank]), b: [mx.array([2 * rank, 0])] });
const separately = nn.averageGradients({ a: mx.array([rank]) }, { allReduceSize: 0 });
const [clipped, norm] = nn.utils.clipGradNormSharded({ a: mx.array([3]) }, 1);

const answers = {
  text: [wideOut, allOut, quantizedWide, quantizedAll, full].map(String),
  wide: near(gathered(wideOut.forward(x)), linear.forward(x)),
  all: near(allOut.forward(own(x)), linear.forward(x)),
  quantizedWide: near(gathered(quantizedWide.forward(wide)), quantized.forward(wide)),
  quantizedAll: near(quantizedAll.forward(own(wide)), quantized.forward(wide)),
  inplace: utils.treeFlatten<Tensor>(inplace.parameters()).map(([, { shape }]) => shape),
  gradient: near(mx.grad(score(wideOut))(x), mx.grad(score(linear))(x)),
  full: near(full.forward(x) as Tensor, linear.forward(x)),
  parts: whole.weight.shape,
  averaged: utils.treeFlatten<Tensor>(averaged).map(([, array]) => array.tolist()),
  separately: (separately.a as Tensor).tolist(),
  clipped: [norm.item(), (clipped.a as Tensor).item()],
  frozen: Object.keys(quantizedWide.unfreeze().trainableParameters()),
};
console.log(JSON.stringify(answers));
