import { core as mx } from '../../mlx/index.ts';
import type { Report } from './report.ts';

/** Decodes tokens with a small language model of random weights: a cache of keys and values, and sampling. */
type Weights = Readonly<Record<'q' | 'k' | 'v' | 'o', mx.Array>>;

const [VOCABULARY, WIDTH, HEADS, KEY_HEADS, LAYERS] = [37, 32, 4, 2, 2];
const HEAD = WIDTH / HEADS;
const ROPE = { traditional: false, base: 10000, scale: 1 };

const linear = (rows: number, columns: number) => mx.random.normal([rows, columns]).multiply((1 / columns) ** 0.5);

class Cache {
  static readonly step = 4;
  keys = mx.zeros([1, KEY_HEADS, 0, HEAD]);
  values = mx.zeros([1, KEY_HEADS, 0, HEAD]);
  offset = 0;

  update(keys: mx.Array, values: mx.Array): [mx.Array, mx.Array] {
    const before = this.offset;
    const length = keys.shape[2] as number;
    this.offset += length;
    if (this.offset > (this.keys.shape[2] as number)) {
      const room = mx.zeros([1, KEY_HEADS, Math.ceil(length / Cache.step) * Cache.step, HEAD]);
      this.keys = mx.concatenate([this.keys.index(`..., :${before}, :`), room], 2);
      this.values = mx.concatenate([this.values.index(`..., :${before}, :`), room], { axis: 2 });
    }
    this.keys.indexPut_(['...', mx.Slice(before, this.offset), mx.Slice()], keys);
    this.values.indexPut_(`..., ${before}:${this.offset}, :`, values);
    const now = mx.Slice(null, this.offset);
    return [this.keys.index('...', now, mx.Slice()), this.values.index('...', now, mx.Slice())];
  }
}

function attend(weights: Weights, x: mx.Array, mask: mx.Array | 'causal' | null, cache: Cache): mx.Array {
  const [batch, length] = x.shape as [number, number];
  const heads = (name: keyof Weights, count: number) =>
    x.matmul(weights[name].T).reshape(batch, length, count, -1).transpose(0, 2, 1, 3);
  const queries = mx.fast.rope(heads('q', HEADS), HEAD, { ...ROPE, offset: cache.offset });
  const rotated = mx.fast.rope(heads('k', KEY_HEADS), HEAD, { ...ROPE, offset: cache.offset });
  const [keys, values] = cache.update(rotated, heads('v', KEY_HEADS));
  const mixed = mx.fast.scaledDotProductAttention(queries, keys, values, { scale: HEAD ** -0.5, mask });
  return mixed.transpose(0, 2, 1, 3).reshape(batch, length, -1).matmul(weights.o.T);
}

function topK(logits: mx.Array, k: number): mx.Array {
  const rest = mx.argpartition(logits.negative(), { kth: k - 1, axis: -1 }).index('...', mx.Slice(k));
  return mx.putAlongAxis(logits, rest, mx.array(-mx.inf, logits.dtype), -1);
}

function topP(logits: mx.Array, p: number): mx.Array {
  const order = mx.argsort(logits, -1);
  const sums = mx.cumsum(mx.takeAlongAxis(mx.softmax(logits, -1), order, -1), { axis: -1 });
  const count = mx.arange(order.shape.at(-1) as number, { dtype: order.dtype });
  const places = mx.putAlongAxis(mx.zerosLike(order), order, count, { axis: -1 });
  return mx.where(mx.takeAlongAxis(sums, places, -1).greater(1 - p), logits, -mx.inf);
}

export function main(report: Report): void {
  mx.random.seed(7);
  const layers = Array.from({ length: LAYERS }, () => ({
    q: linear(WIDTH, WIDTH),
    k: linear(KEY_HEADS * HEAD, WIDTH),
    v: linear(KEY_HEADS * HEAD, WIDTH),
    o: linear(WIDTH, WIDTH),
  }));
  const embedding = mx.random.normal([VOCABULARY, WIDTH]);
  const norm = mx.ones([WIDTH]);
  const model = (tokens: mx.Array, caches: readonly Cache[]) => {
    let x = embedding.index(tokens);
    const mask = (x.shape[1] as number) > 1 ? 'causal' : null;
    for (const [i, cache] of caches.entries()) {
      x = x.add(attend(layers[i] as Weights, mx.fast.rmsNorm(x, norm, 1e-5), mask, cache));
    }
    return mx.fast.rmsNorm(x, norm, 1e-5).matmul(embedding.T);
  };

  const caches = Array.from({ length: LAYERS }, () => new Cache());
  let tokens = mx.array([1, 5, 9], mx.int32);
  for (let i = 0; i < 8; i++) {
    const logits = model(tokens.index(null), caches).index(mx.Slice(), -1, mx.Slice());
    const chosen = topP(topK(logits, 12), 0.9);
    tokens = mx.random.categorical(chosen.multiply(1 / 0.8));
    report('token', tokens, chosen);
  }

  const place = mx.arange(4);
  const batch = embedding.index(mx.array([[1, 2, 3, 4]], mx.int32));
  const masks = {
    added: place.index(':', null).less(place.index(null)).multiply(-1e9),
    chosen: place.index(':, None').greaterEqual(place.index(null)),
  };
  for (const [name, mask] of Object.entries(masks))
    report(name, attend(layers[0] as Weights, batch, mask, new Cache()));
}
