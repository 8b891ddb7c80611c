import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { OptionError } from '../shared/options.ts';
import { Progress } from '../shared/progress.ts';
import { differingBits } from './checks.ts';
import { type Digits, loadDigits, parseDigits, split } from './dataset.ts';
import { registerFeatures, straighten } from './features.ts';
import { DigitNet } from './network.ts';
import { parseOptions } from './options.ts';

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

test('the network scores images, and drops nothing in evaluation mode', () => {
  mx.random.seed(3);
  const model = new DigitNet();
  const images = digits.images.index(mx.Slice(0, 5));
  expect(model.forward(images).shape).toEqual([5, 10]);
  const scores = () => model.forward(images).toTypedArray();
  expect(scores()).not.toEqual(scores());
  model.eval();
  expect(scores()).toEqual(scores());
});

test('bits are counted where two arrays differ', () => {
  const values = Float32Array.of(1, -0, Number.NaN);
  expect(differingBits(values, values.slice())).toBe(0);
  expect(differingBits(values, Float32Array.of(1, 0, Number.NaN))).toBe(1);
  expect(differingBits(values, Float32Array.of(1))).toBe(96);
});

describe('options', () => {
  test('have defaults', () => {
    const defaults = { epochs: 5, seed: 1, stopAfter: 1000, resume: false, page: true, help: false };
    expect(parseOptions([])).toEqual(defaults);
    expect(parseOptions(['--epochs', '2', '--seed=7', '--no-page'])).toMatchObject({ epochs: 2, seed: 7, page: false });
  });

  test.each([
    [['--epochs', '0']],
    [['--epochs', '1.5']],
    [['--epochs']],
    [['--seed', '-1']],
    [['--seed', '1e3']],
    [['--stop-after', '0']],
    [['--resume', '--epochs', '3']],
    [['--resume', '--seed', '1']],
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
    for (let done = 1; done <= 12; done++) progress.show(done, 'so far');
    return text;
  };
  expect(shown(true).split('\r')).toHaveLength(13);
  expect(shown(true).match(/\n/g)).toHaveLength(1);
  expect(shown(false)).not.toContain('\r');
  expect(shown(false).match(/\n/g)).toHaveLength(4);
});
