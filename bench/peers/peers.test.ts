import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { measureRows, type Peer } from '../measure.ts';
import { startNode } from '../processes.ts';
import { ROWS, type Row } from '../rows.ts';
import { absenceOf, packagesOf, reasonOf } from './install.ts';
import { modelOf } from './onnxruntime/model.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-peers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const row: Row = { ...(ROWS.find(({ name }) => name === 'chain') as Row), count: 1, compared: false };

describe('a peer', () => {
  it.each(['llama-cpp', 'jax-js', 'tfjs-wasm', 'tfjs-node', 'onnxruntime', 'frost-beta'])(
    'has a program, and packages of a given version: %s',
    (peer) => {
      expect([undefined, 'not installed: --peers installs it']).toContain(absenceOf(peer));
      const versions = Object.values(packagesOf(peer));
      expect(versions.length).toBeGreaterThan(0);
      for (const version of versions) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  it('that is not there is named with the reason', () => {
    expect(absenceOf('none')).toBe('measured in a checkout only');
    const noHost = "npm error code 1\nnpm error Error: getaddrinfo ENOTFOUND x {\nnpm error   hostname: 'github.com'\n";
    expect(reasonOf({ stderr: noHost })).toBe('its installation needs github.com, which cannot be reached here');
    const missing = 'npm error code E404\nnpm error 404 Not Found - GET https://registry/x\n';
    expect(reasonOf({ stderr: missing })).toBe('npm cannot install it: 404 Not Found - GET https://registry/x');
    expect(reasonOf(new Error('no npm'))).toBe('npm cannot install it: Error: no npm');
  });

  it('answers with the time of a work that it has, and says what it has not', async () => {
    const script = join(folder, 'main.mjs');
    const serving = new URL('serve.mjs', import.meta.url);
    writeFileSync(
      script,
      `import { serve } from '${serving}';
      serve({ slow: () => () => new Promise((resolve) => setTimeout(resolve, 20)), bad: () => { throw new Error('no'); } });`,
    );
    const side = await startNode(script, 'made up', {});
    const { nanoseconds } = await side.ask({ suite: 'micro', row: 'slow', count: 3 });
    // Three times what a timer waits, less its rounding.
    expect(nanoseconds).toBeGreaterThan(50e6);
    expect(await side.ask({ suite: 'micro', row: 'none', count: 1 })).toMatchObject({ missing: 'none' });
    await expect(side.ask({ suite: 'micro', row: 'bad', count: 1 })).rejects.toThrow(
      'made up could not run the row bad: Error: no',
    );
    side.stop();
  });

  it('stands beside ours in the rows that it has', async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    const asked: string[] = [];
    const madeUp = (name: string, changes: Partial<Peer> & { readonly missing?: string } = {}): Peer => ({
      name,
      problem: undefined,
      workOf: ({ name }) => `work ${name}`,
      start: async () => ({
        ask: async ({ row: work, count }) => {
          asked.push(`${name} ${work} ${count}`);
          const { missing } = changes;
          return { nanoseconds: 7e6, cpuNanoseconds: 0, result: null, ...(missing !== undefined && { missing }) };
        },
        stop: () => undefined,
      }),
      ...changes,
    });
    const peers = [
      madeUp('fast'),
      madeUp('without', { missing: 'chain' }),
      madeUp('absent', { problem: 'not here' }),
      madeUp('elsewhere', { workOf: () => undefined }),
    ];
    const [measured] = await measureRows([row], 1, { peers });
    expect(measured?.peers).toMatchObject([
      // Of the thousand operations of the row.
      { name: 'fast', figures: { median: 7000 }, problem: null },
      { name: 'absent', figures: null, ratio: null, problem: 'not here' },
    ]);
    expect(measured?.peers[0]?.ratio).toBeCloseTo(7000 / (measured?.ours.median as number));
    expect(new Set(asked)).toEqual(new Set(['fast work chain 1', 'without work chain 1']));
  });
});

interface Field {
  readonly field: number;
  readonly content: number | Uint8Array;
}

/** The fields of a message of protocol buffers, which must end where the last of them does. */
function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++] as number;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const value = varint();
    if ((key & 7) === 0) fields.push({ field: key >> 3, content: value });
    else {
      fields.push({ field: key >> 3, content: message.subarray(at, at + value) });
      at += value;
    }
  }
  if (at !== message.length) throw new Error('the message ends within a field');
  return fields;
}

const inside = (message: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(message).flatMap((each) => (each.field === field ? [each.content as Uint8Array] : []));

const texts = (messages: readonly Uint8Array[]): string[] => messages.map((bytes) => Buffer.from(bytes).toString());

describe('a model of one operation', () => {
  it('has its inputs with their shapes, its attributes and its output', () => {
    const model = modelOf('Transpose', { a: [300, 2] }, [2, 300], { perm: [1, 0], axis: -1 });
    const [graph] = inside(model, 7) as [Uint8Array];
    const [node] = inside(graph, 1) as [Uint8Array];
    expect(texts(inside(node, 1))).toEqual(['a']);
    expect(texts(inside(node, 4))).toEqual(['Transpose']);
    const [permutation, axis] = inside(node, 5) as [Uint8Array, Uint8Array];
    expect(
      fieldsOf(permutation)
        .filter(({ field }) => field === 8)
        .map(({ content }) => content),
    ).toEqual([1, 0]);
    // Negative numbers are ten bytes, as of 64 bits.
    expect(fieldsOf(axis).find(({ field }) => field === 3)?.content).toBe(2 ** 64);
    const [input] = inside(graph, 11) as [Uint8Array];
    const [tensor] = inside(inside(input, 2)[0] as Uint8Array, 1) as [Uint8Array];
    const sides = inside(inside(tensor, 2)[0] as Uint8Array, 1).map((side) => fieldsOf(side)[0]?.content);
    expect(sides).toEqual([300, 2]);
  });
});
