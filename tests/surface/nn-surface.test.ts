import { describe, expect, it } from 'vitest';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { camelCase } from '../../registry/naming.ts';
import { askPython } from '../support/python.ts';

/** Every public name of the three modules of the installed wheel: classes, their members, and functions. */
const NAMES = `
import inspect
from mlx import nn, optimizers, utils

names = []

def own(value):
    return getattr(value, "__module__", "").startswith("mlx.")

def members(path, cls):
    for name, value in vars(cls).items():
        public = not name.startswith("_") or name == "__call__"
        if public and (callable(value) or isinstance(value, (property, classmethod, staticmethod))):
            names.append(f"{path}.{name}")

def walk(path, module):
    for name in dir(module):
        value = getattr(module, name)
        if name.startswith("_") or not own(value):
            continue
        if inspect.isclass(value):
            names.append(f"{path}.{name}")
            members(f"{path}.{name}", value)
        elif callable(value):
            names.append(f"{path}.{name}")

for path, module in [
    ("nn", nn), ("nn.losses", nn.losses), ("nn.init", nn.init), ("nn.utils", nn.utils),
    ("nn.layers.distributed", nn.layers.distributed), ("nn.layers.upsample", nn.layers.upsample),
    ("optimizers", optimizers), ("utils", utils),
]:
    walk(path, module)
print(json.dumps(sorted(set(names))))
`;

/** What Python's own modules import from each other or keep to themselves. */
const NOT_PUBLIC = [
  /^nn\.(losses|init|utils|layers\.\w+)\.(Module|Linear|QuantizedLinear|tree_\w+)\b/,
  /^optimizers\.(Module|tree_\w+)\b/,
];

/** Python's name here, where it is another. */
function here(path: string): string {
  const parts = path.split('.').filter((part, i) => !(i === 2 && ['distributed', 'upsample'].includes(part)));
  return parts
    .map((part) => (part === '__call__' ? 'forward' : /^[A-Z]/.test(part) ? part : camelCase(part)))
    .join('.');
}

/** Goes from a class on to its instances where it has no such member itself. */
function exists(path: string): boolean {
  let value: unknown = { nn, optimizers, utils };
  for (const name of path.split('.')) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
    if (name in value) {
      value = (value as Record<string, unknown>)[name];
      continue;
    }
    const prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null || !(name in prototype)) return false;
    value = undefined;
  }
  return true;
}

describe('the surface of mlx.nn, mlx.optimizers and mlx.utils', () => {
  it('is all here', () => {
    const names = askPython<string[]>(NAMES).filter((name) => !NOT_PUBLIC.some((pattern) => pattern.test(name)));
    const inNamespace = (name: string) => exists(here(name)) || exists(here(name.replace(/^nn\.layers\.\w+\./, 'nn.')));
    expect(names.filter((name) => !inNamespace(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(250);
  });
});
