import { afterAll, describe, expect, test } from 'vitest';
import { shutdown } from '../../../mlx/index.ts';
import { circuit } from '../circuit.ts';
import { cnot, cz, h, p, swap, toffoli, u } from '../gates.ts';
import { controlled } from '../operation.ts';
import { drawCircuit } from './drawing.ts';
import { drawHistogram } from './histogram.ts';

afterAll(() => shutdown());

const countOf = (text: string, part: string) => text.split(part).length - 1;

describe('the drawing of a circuit', () => {
  test('has a line for each qubit, and each operation as it is known', () => {
    const svg = drawCircuit(
      circuit(3, [h(0), cnot(0, 2), swap(1, 2), toffoli(0, 1, 2), cz(1, 2), controlled(p(Math.PI / 4, 0), 2)]),
    );
    expect(countOf(svg, '>q')).toBe(3);
    expect(svg.match(/<rect/g)).toHaveLength(2);
    expect(svg).toContain('>π/4</text>');
    // The controls and the two ends of the CZ; the circles of two NOTs.
    expect(svg.match(/r="4" fill/g)).toHaveLength(6);
    expect(svg.match(/r="9"/g)).toHaveLength(2);
    expect(svg).toContain('<title>X on 2, where 0, 1 are 1</title>');
    expect(svg).toContain('<title>P(π/4) on 0, where 2 is 1</title>');
  });

  test('puts operations side by side only where no line crosses the other', () => {
    const width = (...operations: Parameters<typeof circuit>[1]) =>
      Number(/width="(\d+)"/.exec(drawCircuit(circuit(3, operations)))?.[1]);
    expect(width(h(0), h(1), h(2))).toBe(width(h(0)));
    expect(width(cnot(0, 2), h(1))).toBeGreaterThan(width(cnot(0, 1), h(2)));
    expect(width()).toBeLessThan(width(h(0)));
  });

  test('names what has no short sign', () => {
    const svg = drawCircuit(circuit(1, [u(0.5, -Math.PI, 2, 0)]));
    expect(svg).toContain('<title>U(0.5, −π, 2) on 0</title>');
  });
});

describe('the histogram', () => {
  test('has a bar for each outcome, in their order, with its share', () => {
    const svg = drawHistogram(
      new Map([
        ['11', 30],
        ['00', 90],
      ]),
    );
    expect(svg.indexOf('>00<')).toBeLessThan(svg.indexOf('>11<'));
    expect(svg).toContain('75.0 %');
    expect(svg).toContain('25.0 %');
  });

  test('shows the most frequent of many, and says how many more there are', () => {
    const counts = new Map(Array.from({ length: 40 }, (_, i) => [i.toString(2).padStart(6, '0'), i + 1] as const));
    const svg = drawHistogram(counts);
    expect(svg.match(/<rect/g)).toHaveLength(16);
    expect(svg).toContain('and 24 more');
    expect(svg).not.toContain('>000000<');
  });
});
