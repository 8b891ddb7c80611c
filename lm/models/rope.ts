import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import type { ConfigFields } from '../config/fields.ts';

/** Rotates `[B, heads, L, dims]` by the positions `offset`, `offset + 1`, …. */
export interface Rope extends nn.Module {
  forward(x: mx.Array, offset?: number | mx.Array): mx.Array;
}

export interface RopeSettings {
  readonly dims: number;
  readonly base: number;
  readonly traditional: boolean;
  readonly scaling: ConfigFields | undefined;
  readonly maxPositions: number | undefined;
}

/** One with frequencies of its own, which may scale what it rotates before. */
class FrequencyRope extends nn.Module implements Rope {
  // Not a parameter: it follows from the config, and files do not have it.
  readonly _freqs: mx.Array;
  readonly dims: number;
  readonly traditional: boolean;
  readonly inputScale: number;

  constructor(dims: number, traditional: boolean, freqs: mx.Array, inputScale = 1) {
    super();
    this.dims = dims;
    this.traditional = traditional;
    this._freqs = freqs;
    this.inputScale = inputScale;
  }

  override forward(x: mx.Array, offset: number | mx.Array = 0): mx.Array {
    const { dims, traditional, inputScale } = this;
    const input = inputScale === 1 ? x : x.at('...', new mx.Slice(0, dims)).multiply(inputScale);
    return mx.fast.rope(input, dims, { traditional, base: null, scale: 1, offset, freqs: this._freqs });
  }
}

/** Its base grows with the positions beyond what the model was trained with. */
class DynamicRope extends nn.Module implements Rope {
  readonly #settings: RopeSettings;
  readonly factor: number;
  readonly maxPositions: number;

  constructor(settings: RopeSettings, factor: number, maxPositions: number) {
    super();
    this.#settings = settings;
    this.factor = factor;
    this.maxPositions = maxPositions;
  }

  override forward(x: mx.Array, offset: number | mx.Array = 0): mx.Array {
    const { dims, traditional, base } = this.#settings;
    const seen = typeof offset === 'number' ? offset : Math.max(...[offset.tolist()].flat().map(Number));
    const length = Math.max((x.shape.at(-2) as number) + seen, this.maxPositions);
    const stretch = (this.factor * length) / this.maxPositions - (this.factor - 1);
    const grown = base * stretch ** (dims / (dims - 2));
    return mx.fast.rope(x, dims, { traditional, base: grown, scale: 1, offset });
  }
}

const exponents = (dims: number) => mx.arange(0, dims, 2, mx.float32).divide(dims);
const powers = (base: number, dims: number) => mx.power(base, exponents(dims));

function llama3Frequencies({ dims, base }: RopeSettings, scaling: ConfigFields): mx.Array {
  const factor = scaling.number('factor');
  const low = scaling.number('low_freq_factor', 1);
  const high = scaling.number('high_freq_factor', 4);
  const context = scaling.number('original_max_position_embeddings', 8192);
  const freqs = powers(base, dims);
  const wavelengths = mx.multiply(2 * Math.PI, freqs);
  const stretched = mx.where(wavelengths.greater(context / low), freqs.multiply(factor), freqs);
  const isMedium = mx.logicalAnd(wavelengths.greater(context / high), wavelengths.less(context / low));
  const smooth = mx
    .divide(context, wavelengths)
    .subtract(low)
    .divide(high - low);
  const smoothed = stretched.divide(mx.subtract(1, smooth).divide(factor).add(smooth));
  return mx.where(isMedium, smoothed, stretched);
}

function yarn({ dims, base, traditional }: RopeSettings, scaling: ConfigFields): Rope {
  const factor = scaling.number('factor');
  const context = scaling.number('original_max_position_embeddings', 4096);
  const correction = (rotations: number) =>
    (dims * Math.log(context / (rotations * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(Math.floor(correction(scaling.number('beta_fast', 32))), 0);
  const top = Math.min(Math.ceil(correction(scaling.number('beta_slow', 1))), dims - 1);
  const magnitude = (mscale: number) => (factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1);
  const mscale = magnitude(scaling.number('mscale', 1)) / magnitude(scaling.number('mscale_all_dim', 0));
  const extrapolated = powers(base, dims);
  const interpolated = mx.multiply(factor, extrapolated);
  const ramp = mx
    .arange(Math.floor(dims / 2), { dtype: mx.float32 })
    .subtract(low)
    .divide(low === top ? 0.001 : top - low);
  const kept = mx.subtract(1, mx.clip(ramp, 0, 1));
  const freqs = interpolated
    .multiply(extrapolated)
    .divide(interpolated.multiply(kept).add(extrapolated.multiply(mx.subtract(1, kept))));
  return new FrequencyRope(dims, traditional, freqs, mscale);
}

function longRope({ dims, base, maxPositions = 131_072 }: RopeSettings, scaling: ConfigFields): Rope {
  const context = scaling.number('original_max_position_embeddings');
  const factors = scaling.numbers('long_factor') ?? [1];
  const freqs = mx.array([...factors], mx.float32).multiply(powers(base, dims));
  const ratio = maxPositions / context;
  const scale = ratio <= 1 ? 1 : Math.sqrt(1 + Math.log(ratio) / Math.log(context));
  return new FrequencyRope(dims, false, freqs, scale);
}

function proportional({ dims, base, traditional }: RopeSettings, scaling: ConfigFields): Rope {
  const rotated = Math.trunc(dims * scaling.number('partial_rotary_factor', 1));
  const turning = mx
    .power(base, mx.arange(0, rotated, 2, mx.float32).divide(dims))
    .multiply(scaling.number('factor', 1));
  const still = mx.full([Math.floor((dims - rotated) / 2)], Number.POSITIVE_INFINITY);
  return new FrequencyRope(dims, traditional, mx.concatenate([turning, still]));
}

/**
 * The rotation that a config asks for in `rope_scaling`.
 * @throws FileError for a kind that there is not
 */
export function makeRope(settings: RopeSettings): Rope {
  const { dims, base, traditional, scaling } = settings;
  const kind = scaling?.text('type', scaling.text('rope_type', 'default')) ?? 'default';
  if (scaling === undefined || kind === 'default' || kind === 'mrope') {
    return new nn.RoPE(dims, { traditional, base });
  }
  switch (kind) {
    case 'linear':
      return new nn.RoPE(dims, { traditional, base, scale: 1 / scaling.number('factor') });
    case 'dynamic': {
      if (settings.maxPositions === undefined) throw scaling.error('the kind "dynamic" needs max_position_embeddings');
      return new DynamicRope(settings, scaling.number('factor'), settings.maxPositions);
    }
    case 'llama3':
      return new FrequencyRope(dims, traditional, llama3Frequencies(settings, scaling));
    case 'yarn':
    case 'deepseek_yarn':
    case 'telechat3-yarn':
      return yarn(settings, scaling);
    case 'longrope':
      return longRope(settings, scaling);
    case 'proportional':
      return proportional(settings, scaling);
    default:
      throw scaling.error(
        `no rotary encoding is named "${kind}"; there are default, linear, dynamic, llama3, yarn, longrope, proportional`,
      );
  }
}

/**
 * What most models say about their rotation in the same fields.
 * @param base where `rope_theta` is absent
 */
export function ropeOf(dims: number, config: ConfigFields, base = 10_000): Rope {
  return makeRope({
    dims,
    base: config.number('rope_theta', base),
    traditional: config.flag('rope_traditional', false),
    scaling: config.object('rope_scaling'),
    maxPositions: config.has('max_position_embeddings') ? config.size('max_position_embeddings') : undefined,
  });
}
