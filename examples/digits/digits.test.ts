import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { differingBits } from './checks.ts';
import { type Digits, loadDigits, parseDigits, split } from './dataset.ts';
import { registerFeatures, straighten } from './features.ts';
import { combine, initialize, lossAndGradients, lossOf, PARAMETER_NAMES, type Parameters } from './network.ts';
import { OptionError, parseOptions } from './options.ts';
import { Progress } from './progress.ts';
import { stepByGrad, stepByHand } from './steps.ts';
import { train } from './train.ts';

const { deskew } = registerFeatures();
let digits: Digits;

beforeAll(() => {
  digits = loadDigits();
});
afterAll(() => shutdown());

describe('the data', () => {
  test('is the file that its README names', () => {
    const file = readFileSync(new URL('./data/digits.csv.gz', import.meta.url));
    const sum = createHash('sha256').update(file).digest('hex');
    expect(readFileSync(new URL('./data/README.md', import.meta.url), 'utf8')).toContain(sum);
  });

  test('is 1,797 images of 0 to 1 with their digits', () => {
    expect(digits.images.shape).toEqual([1797, 8, 8]);
    expect([digits.images.min().item(), digits.images.max().item()]).toEqual([0, 1]);
    expect(Array.from(digits.labels.index('0:12').toTypedArray(), Number)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1,
    ]);
    expect(digits.images.index(0, 0).tolist()).toEqual([0, 0, 5, 13, 9, 1, 0, 0].map((pixel) => pixel / 16));
  });

  const line = `${Array.from({ length: 64 }, () => 7).join(',')},3`;
  test.each([
    ['a pixel too bright', line.replace('7', '17')],
    ['a pixel that is no number', line.replace('7', 'x')],
    ['too few pixels', line.replace('7,', '')],
    ['no digit', line.replace(/,3$/, ',10')],
  ])('is refused with %s', (_, wrong) => {
    expect(() => parseDigits(`${line}\n${wrong}\n`)).toThrow(/line 2: expected 64 pixels/);
  });

  test('is split into a fifth and the rest, each digit in one of them', () => {
    mx.random.seed(5);
    const numbered = { images: digits.images, labels: mx.arange(1797) };
    const { train, test } = split(numbered);
    expect([train.labels.length, test.labels.length]).toEqual([1438, 359]);
    const all = [train, test].flatMap(({ labels }) => Array.from(labels.toTypedArray(), Number));
    expect(new Set(all).size).toBe(1797);
  });
});

test('deskew centres the ink and straightens it', () => {
  const { images, step } = straighten(digits.images, deskew);
  expect(images.shape).toEqual([1797, 8, 8]);
  expect(step.after).toHaveLength(8);
  const offset = (pictures: mx.Array) => {
    const x = mx.arange(8).subtract(3.5);
    return Number(
      pictures
        .multiply(x)
        .sum([1, 2])
        .divide(pictures.sum([1, 2]))
        .abs()
        .mean()
        .item(),
    );
  };
  expect(offset(images)).toBeLessThan(offset(digits.images) / 3);
});

test('the gradients by hand are those of finite differences', () => {
  mx.random.seed(3);
  const random = (...shape: number[]) => mx.random.normal(shape).astype(mx.float64);
  const parameters: Parameters = { w1: random(5, 4), b1: random(4), w2: random(4, 10), b2: random(10) };
  const inputs = random(6, 5);
  const labels = mx.array(Uint32Array.of(0, 9, 3, 3, 7, 1));
  const { gradients } = lossAndGradients(parameters, inputs, labels);

  // MLX's exp is good to 1e-8 in float64 too, so a smaller step would show its error.
  const step = 1e-3;
  for (const name of PARAMETER_NAMES) {
    const size = parameters[name].size;
    const numbers = Array.from({ length: size }, (_, element) => {
      const shift = mx.arange(size).equal(element).astype(mx.float64).multiply(step).reshape(parameters[name].shape);
      const lossAt = (shifted: mx.Array) => {
        const moved = combine((other) => (other === name ? shifted : parameters[other]));
        return Number(lossAndGradients(moved, inputs, labels).loss.item());
      };
      return (lossAt(parameters[name].add(shift)) - lossAt(parameters[name].subtract(shift))) / (2 * step);
    });
    const byHand = Array.from(gradients[name].toTypedArray(), Number);
    const worst = Math.max(...byHand.map((value, i) => Math.abs(value - (numbers[i] as number))));
    expect(worst, name).toBeLessThan(1e-4);
    expect(Math.max(...byHand.map(Math.abs)), name).toBeGreaterThan(1e-3);
  }
});

test('the gradients that MLX works out are those by hand, eager and compiled', () => {
  mx.random.seed(7);
  const parameters = initialize(64, 16);
  const inputs = mx.random.uniform({ shape: [20, 64] });
  const labels = mx.random.randint(0, 10, [20]).astype(mx.uint32);
  const byHand = lossAndGradients(parameters, inputs, labels);
  const [loss, gradients] = mx.valueAndGrad(lossOf)(parameters, inputs, labels);
  expect(loss.item()).toBeCloseTo(Number(byHand.loss.item()), 5);
  const state = { parameters, velocity: combine((name) => mx.zerosLike(parameters[name])) };
  const [expected, eager, compiled] = [stepByHand, stepByGrad, mx.compile(stepByGrad)].map((step) =>
    step(state, inputs, labels),
  );
  const close = (a: mx.Array | undefined, b: mx.Array | undefined) =>
    mx.allclose(a as mx.Array, b as mx.Array, { rtol: 1e-4, atol: 1e-6 }).item();
  for (const name of PARAMETER_NAMES) {
    expect(close(gradients[name], byHand.gradients[name]), name).toBe(true);
    expect(close(eager?.parameters[name], expected?.parameters[name]), name).toBe(true);
    expect(close(compiled?.parameters[name], expected?.parameters[name]), name).toBe(true);
  }
});

test('three epochs read more than 85 % rightly, and equal seeds end equally', () => {
  const run = () => {
    mx.random.seed(11);
    const parts = split(digits);
    return train(parts.train, parts.test, { epochs: 3, step: mx.compile(stepByGrad) });
  };
  const first = run();
  expect(first.history.at(-1)?.accuracy).toBeGreaterThan(0.85);
  const second = run();
  expect(second.history).toEqual(first.history);
  expect(mx.arrayEqual(first.parameters.w1, second.parameters.w1).item()).toBe(true);
});

test('bits are counted where two arrays differ', () => {
  const values = Float32Array.of(1, -0, Number.NaN);
  expect(differingBits(values, values.slice())).toBe(0);
  expect(differingBits(values, Float32Array.of(1, 0, Number.NaN))).toBe(1);
  expect(differingBits(values, Float32Array.of(1))).toBe(96);
});

describe('options', () => {
  test('have defaults', () => {
    expect(parseOptions([])).toEqual({ epochs: 30, seed: 1, page: true, help: false });
    expect(parseOptions(['--epochs', '2', '--seed=7', '--no-page'])).toMatchObject({ epochs: 2, seed: 7, page: false });
  });

  test.each([
    [['--epochs', '0']],
    [['--epochs', '1.5']],
    [['--epochs']],
    [['--seed', '-1']],
    [['--seed', '1e3']],
    [['--epohcs', '3']],
    [['3']],
  ])('%j are refused', (args) => {
    expect(() => parseOptions(args)).toThrow(OptionError);
  });
});

test('progress is redrawn on a terminal and a few lines elsewhere', () => {
  const shown = (isTTY: boolean) => {
    let text = '';
    const progress = new Progress(12, { isTTY, write: (part: string) => (text += part) });
    for (let done = 1; done <= 12; done++) progress.show(done, { loss: 1 / done, accuracy: 0.5 });
    return text;
  };
  expect(shown(true).split('\r')).toHaveLength(13);
  expect(shown(true).match(/\n/g)).toHaveLength(1);
  expect(shown(false)).not.toContain('\r');
  expect(shown(false).match(/\n/g)).toHaveLength(4);
});
