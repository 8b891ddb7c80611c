import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parityOf, publicModuleNames } from './module-parity.ts';
import { modulePages } from './reference-modules.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the pages of nn, optimizers and utils', () => {
  const names = publicModuleNames();
  const pages = modulePages(root, names, parityOf);
  const all = [...pages.values()].join('\n');
  const entry = (name: string) => all.split(/^### /m).find((text) => text.startsWith(`${name}\n`)) ?? '';

  it('have one entry for every public name but another name of one', () => {
    const shown = [...all.matchAll(/^### (.+)$/gm)].map(([, name]) => name as string);
    expect(shown.filter((name, i) => shown.indexOf(name) !== i)).toEqual([]);
    const aliases = ['nn.averageGradients', 'nn.utils.valueAndGrad', 'nn.utils.averageGradients'];
    expect([...names].filter((name) => !shown.includes(name) && !aliases.includes(name))).toEqual([]);
  });

  it('say of a layer what it computes, its parameters, arguments, inputs and parity', () => {
    const text = entry('nn.Linear');
    expect(text).toContain('- `weight`: `[outputDims, inputDims]`');
    expect(text).toContain('| `inputDims` | `input_dims` | a positive integer | required |');
    expect(text).toContain('| `bias` | `bias` | a boolean | `true` |');
    expect(text).toContain('`[…, inputDims]` → `[…, outputDims]`');
    expect(text).toContain("- Parity: equal to Python's own in every bit");
  });

  it('take over what a base has', () => {
    expect(entry('nn.MaxPool2d')).toContain(
      '| `stride` | `stride` | an integer, or a list of one for each axis, or null',
    );
    expect(entry('nn.Dropout')).toContain('forward(x: Tensor): Tensor;');
  });

  it('say what a layer of a function computes', () => {
    expect(entry('nn.ReLU')).toContain('`max(x, 0)`');
    expect(entry('nn.LeakyReLU')).toContain('`max(negativeSlope · x, x)`');
  });

  it('give the reason of what has no row', () => {
    expect(entry('nn.fullyShard')).toContain('- Parity: no row: it does something only between processes');
  });

  it('have a line and a parity for every entry', () => {
    for (const text of all.split(/^### /m).slice(1)) {
      expect(text).toMatch(/- Parity: \S/);
      expect(text).toContain('```typescript');
    }
  });
});
