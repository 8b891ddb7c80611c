import { describe, expect, it } from 'vitest';
import { surface } from '../../cli/surface.ts';
import { core as mx } from '../../mlx/index.ts';
import * as unsafe from '../../mlx/unsafe.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { ABSENT, HOST, RENAMED } from '../../registry/surface.ts';
import { specialMethods, surfaceReport } from '../../registry/surface-report.ts';

/** Something of each class whose members are named, and the prototype where making one would compute. */
const SAMPLES: Readonly<Record<string, object>> = {
  array: mx.array.prototype,
  Device: mx.cpu,
  Dtype: mx.float32,
  Stream: mx.defaultStream(),
  finfo: mx.finfo(mx.float32),
  iinfo: mx.iinfo(mx.int8),
  PrintOptions: mx.getPrintoptions(),
  customFunction: mx.customFunction((x) => x),
};

const OPERATORS = CATALOGUE.flatMap((operation) => Object.entries(specialMethods(operation)));

function exists(path: string): boolean {
  const [first = '', ...rest] = path.split('.');
  if (first === 'unsafe') return rest.join('.') in unsafe;
  const owner = rest.length > 0 ? (SAMPLES[first] ?? (mx as Record<string, unknown>)[first]) : mx;
  return (rest.at(-1) ?? first) in (owner as object);
}

describe('the surface of mlx.core', () => {
  it('accounts for every public name of the installed wheel', () => {
    const report = surface();
    expect(report).toMatchObject({ missing: [] });
    expect(report.total).toBeGreaterThan(500);
  });

  it('says which names are missing', () => {
    const names = ['add', 'linalg.svd', 'acos', 'array.sum', 'no_such_name', 'linalg.nothing'];
    expect(surfaceReport(names, CATALOGUE)).toEqual({
      total: 6,
      accounted: 4,
      missing: ['no_such_name', 'linalg.nothing'],
    });
  });

  it('gives the reason why there are no figures where Python is missing', () => {
    expect(surface('/no/such/python')).toMatchObject({ total: null, problem: expect.stringContaining('/no/such') });
  });

  it('lists nothing that the library does not have', () => {
    const listed = [
      ...Object.values(HOST).flat().map(camelPath),
      ...Object.values(RENAMED),
      ...OPERATORS.map(([, path]) => path),
    ];
    expect(listed.filter((path) => !exists(path))).toEqual([]);
  });

  it('has every operation and every other name of it', () => {
    const names = CATALOGUE.flatMap((operation) =>
      [operation.name, ...(operation.aliases ?? [])].map((name) => qualifiedName({ ...operation, name })),
    );
    expect(names.map(camelPath).filter((path) => !exists(path))).toEqual([]);
  });

  it('gives a reason for what is not offered, and does not offer it', () => {
    for (const [name, reason] of Object.entries(ABSENT)) {
      expect(reason, name).toMatch(/^.{15,}\.$/);
      if (!name.includes('.')) expect(exists(camelPath(name)), name).toBe(false);
    }
  });

  it('says one thing of each name', () => {
    const names = [
      ...Object.values(HOST).flat(),
      ...Object.keys(RENAMED),
      ...Object.keys(ABSENT),
      ...OPERATORS.map(([name]) => name),
    ];
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    const operations = new Set(CATALOGUE.map(qualifiedName));
    expect(names.filter((name) => operations.has(name))).toEqual([]);
  });
});

describe('other names', () => {
  it('are the same functions', () => {
    expect(mx.acos).toBe(mx.arccos);
    expect(mx.pow).toBe(mx.power);
    expect(mx.empty).toBe(mx.zeros);
    expect(mx.matrixTranspose).toBe(mx.transpose);
    expect(mx.concat).toBe(mx.concatenate);
    expect(mx.matrixNorm).toBe(mx.linalg.norm);
  });
});

function camelPath(path: string): string {
  return path.split('.').map(camelCase).join('.');
}
