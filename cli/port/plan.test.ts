import { describe, expect, it } from 'vitest';
import { loadAddon } from '../../native-backend/addon/loader.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { readHeaders } from './headers.ts';
import { findOperation, planFor, planForNew } from './plan.ts';
import { bindings, catalogueRow } from './sources.ts';

const all = () => [...CATALOGUE];
const svd = findOperation('svd', CATALOGUE);

describe('a plan to port', () => {
  it.each(['linalg.svd', 'mx.linalg.svd', 'svd'])('finds the operation by %s', (name) => {
    expect(findOperation(name, CATALOGUE)).toBe(svd);
  });

  it('finds the row of every operation', () => {
    const lost = CATALOGUE.filter((operation) => catalogueRow(operation) === undefined);
    expect(lost.map(qualifiedName)).toEqual([]);
  });

  it('finds lines that bind, and takes no other for one', () => {
    const { signatures } = loadAddon().addon;
    const names = bindings().map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['add', 'take', 'linalg_svd', 'bitwise_xor', 'cummax']));
    for (const name of names) expect(Object.keys(signatures)).toContain(name);
  });

  it('says of no ported operation that it is not bound', () => {
    const headers = readHeaders();
    const ported = CATALOGUE.filter(({ native }) => native !== null).map((one) => planFor(one, true, all, headers));
    expect(ported.length).toBeGreaterThan(200);
    for (const { functions } of ported) for (const { bound } of functions) expect(bound).toBe(true);
  });

  it('names two lines for a regular function', () => {
    const operation = {
      ...CATALOGUE[0],
      name: 'new_function',
      namespace: 'linalg',
      family: 'linalg',
      native: 'linalg_zzz',
    };
    const header = { name: 'linalg_zzz', header: 'mlx/c/linalg.h', signature: 'int mlx_linalg_zzz();', parameters: [] };
    const plan = planFor(operation as (typeof CATALOGUE)[number], false, all, [header]);
    expect(plan.status).toBe('unported');
    expect(plan.edits).toMatchObject([
      { file: 'native-backend/src/operations/linalg.cc', change: 'add', text: 'MLX_OP(linalg_zzz);' },
    ]);
    const last = bindings()
      .filter(({ file }) => file === 'native-backend/src/operations/linalg.cc')
      .at(-1);
    expect(plan.edits[0]?.line).toBe((last?.line ?? 0) + 1);
  });

  it('drafts the row of a function that the catalogue lacks', () => {
    const header = {
      name: 'linalg_zzz',
      header: 'mlx/c/linalg.h',
      signature: '',
      parameters: [{ type: 'mlx_array', name: 'a' }],
    };
    const plan = planForNew('linalg.zzz', [header]);
    expect(plan?.status).toBe('new');
    expect(plan?.edits.map(({ text }) => text)).toEqual([
      "op('zzz', [array('a')], { doc: '…', sample: sample('…') }),",
      'MLX_OP(linalg_zzz);',
    ]);
    expect(planForNew('linalg.nothing', [header])).toBeUndefined();
  });
});
