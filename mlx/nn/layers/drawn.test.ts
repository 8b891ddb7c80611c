import { expect, it } from 'vitest';
import { core as mx } from '../../index.ts';
import * as nn from '../index.ts';
import { drawn, withoutDrawing } from './drawn.ts';

it('stands in for all parameters of a shape with one array, of zeros', () => {
  const [first, second, other] = withoutDrawing(() => [drawn(1, 2, 64), drawn(1, 2, 64), drawn(1, 64, 2)] as const);
  expect(second === first).toBe(true);
  expect(other.shape).toEqual([64, 2]);
  expect(first.tolist()).toEqual(mx.zeros([2, 64]).tolist());
});

it('quantizes what stands in once for each way', () => {
  const linears = withoutDrawing(() => [new nn.Linear(64, 2), new nn.Linear(64, 2)] as const);
  expect(linears[0].toQuantized().weight === linears[1].toQuantized().weight).toBe(false);
  const [first, second, eight] = withoutDrawing(() => {
    const make = () => new nn.Linear(64, 2);
    return [make().toQuantized(), make().toQuantized(), make().toQuantized({ bits: 8 })] as const;
  });
  expect(second.weight === first.weight).toBe(true);
  expect([first.weight.shape, eight.weight.shape]).toEqual([
    [2, 8],
    [2, 16],
  ]);
});

it('leaves the weights of a layer alone that is quantized within', () => {
  const linear = new nn.Linear(64, 2);
  const quantized = (layer: nn.Linear) => layer.toQuantized() as nn.QuantizedLinear;
  const [standIn, own] = withoutDrawing(() => [quantized(new nn.Linear(64, 2)), quantized(linear)] as const);
  expect(own.scales.tolist()).toEqual(quantized(linear).scales.tolist());
  expect(own.scales.tolist()).not.toEqual(standIn.scales.tolist());
});

it('ends with what it makes, whether that succeeds or throws', () => {
  const fail = () => {
    throw new Error('not made');
  };
  expect(() => withoutDrawing(() => withoutDrawing(fail))).toThrow('not made');
  expect(drawn(1, 2, 64).tolist()).not.toEqual(mx.zeros([2, 64]).tolist());
});
