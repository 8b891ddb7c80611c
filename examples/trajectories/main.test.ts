import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import fc from 'fast-check';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { configure, FileError, core as mx, pythonPool, routing, shutdown } from '../../mlx/index.ts';
import * as parity from '../../parity-tests/index.ts';
import { experimentOf } from './experiment.ts';
import { FOLDER, HERE, SITE } from './folders.ts';
import { killAtRandom } from './kills.ts';
import { clustersOf, diagramsOf, entropyOf, slicedWasserstein, stackOf } from './operations.ts';
import { parseOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { toolsOf } from './plan.ts';
import { allRows, Store } from './store.ts';

/** Lets Node run a program of the checkout from its source. */
const LOADER = new URL('../../foundation/from-source/register.mjs', import.meta.url).href;
const NODE = ['--import', LOADER, fileURLToPath(new URL('./main.ts', import.meta.url))];
const TOOLS = toolsOf(true);
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-trajectories-'));
const at = (name: string): string => join(folder, name);
const small = (...more: string[]) => parseOptions(['--dummy', '--texts', '2', '--seeds', '1', '--steps', '8', ...more]);

beforeAll(() => {
  configure({ pythonModules: ['homology', 'clusters', 'wasserstein'], pythonFolders: [HERE, SITE], poolSize: 1 });
});
afterAll(async () => {
  await shutdown();
  rmSync(folder, { recursive: true });
});

test('writes, embeds, computes, times every way, and writes a page', async () => {
  const args = ['--dummy', '--texts', '2', '--seeds', '1', '--steps', '10', '--rounds', '1', '--workers', '1'];
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [...NODE, ...args, '--database', at('main/a.db')],
    { reject: false, timeout: 120_000 },
  );
  expect(stderr).toBe('');
  expect(stdout).toContain('0 of 34 parts were in');
  expect(stdout.match(/✓/g)).toHaveLength(2);
  expect(stdout).toMatch(/distances +native( +[\d.]+){4} +[\d.]+ ×/);
  const page = readFileSync(join(FOLDER, 'index.html'), 'utf8');
  expect(page.match(/class="map"/g)).toHaveLength(2);
  expect(page.match(/class="diagram"/g)).toHaveLength(4);
  expect(page.match(/class="distances"/g)).toHaveLength(4);
  expect(exitCode).toBe(0);
});

test('killed at random, it goes on and ends as if nobody had', async () => {
  const size = ['--texts', '2', '--seeds', '1', '--steps', '4', '--workers', '1'];
  expect(await killAtRandom(1, { node: NODE, size })).toEqual({ equal: true, ends: 1 });
});

/** A whole experiment in this process. @returns its rows. */
async function finished(file: string, meanwhile: () => void = () => undefined) {
  const store = new Store(file);
  const pipeline = new Pipeline(store, await experimentOf(store, small('--resume')), meanwhile);
  const work = await pipeline.run().finally(() => store.close());
  return { work, rows: allRows(file) };
}

test('a worker that is killed in the middle costs nothing', async () => {
  const expected = await finished(at('whole.db'));
  expect(expected.work).toEqual({ before: 0, here: 30, total: 30 });
  expect(expected.rows['clusters']).toHaveLength(32);
  let kills = 0;
  const { rows } = await finished(at('killed.db'), () => {
    const pid = pythonPool.stats().perWorker[0]?.pid;
    if (kills > 0 || pid === undefined || pid === null) return;
    process.kill(pid, 'SIGKILL');
    kills++;
  });
  expect(kills).toBe(1);
  expect(rows).toEqual(expected.rows);
  expect((await finished(at('whole.db'))).work).toEqual({ before: 30, here: 0, total: 30 });
});

describe('persistent homology', () => {
  const circle = (count: number) => {
    const turn = mx.arange(count).multiply((2 * Math.PI) / count);
    return mx.stack([mx.cos(turn), mx.sin(turn)], 1);
  };

  it.each(TOOLS.homology === 'plain' ? (['plain'] as const) : (['plain', TOOLS.homology] as const))(
    'by %s finds the loop of a circle, and no piece but one',
    async (method) => {
      const [pieces, loops] = await diagramsOf.async(circle(12), method);
      const side = 2 * Math.sin(Math.PI / 12);
      expect(pieces.shape).toEqual([11, 2]);
      expect(mx.allclose(pieces, mx.array(Array.from({ length: 11 }, () => [0, side]))).item()).toBe(true);
      // It fills up when an equilateral triangle of points is joined.
      expect(mx.allclose(loops, mx.array([[side, Math.sqrt(3)]])).item()).toBe(true);
      const [none, noLoops] = await diagramsOf.async(mx.zeros([3, 2]), method);
      expect([none.shape, noLoops.shape]).toEqual([
        [0, 2],
        [0, 2],
      ]);
    },
  );

  it.skipIf(TOOLS.homology === 'plain')('is the same by both', async () => {
    const cloud = mx.random.normal([20, 5], { key: mx.random.key(1) });
    const [ours, theirs] = await Promise.all(
      (['plain', 'giotto-ph'] as const).map((method) => diagramsOf.async(cloud, method)),
    );
    ours?.forEach((pairs, i) => {
      expect(mx.allclose(pairs, theirs?.[i] as mx.Array).item()).toBe(true);
    });
  });

  it('has an entropy: of one pair none, of equal ones the logarithm of their number', () => {
    const equal = mx.array([
      [0, 1],
      [2, 3],
      [5, 6],
    ]);
    expect(entropyOf(equal)).toBeCloseTo(Math.log(3), 5);
    expect(entropyOf(mx.array([[1, 4]]))).toBeCloseTo(0, 6);
    expect(entropyOf(mx.zeros([0, 2]))).toBe(0);
  });
});

describe('the sliced Wasserstein distance', () => {
  it('is the same natively and in Python, bit for bit', () => {
    const array = (rank: readonly number[]) => parity.array({ shape: rank, values: 'finite' });
    parity.calls('topology.sliced_wasserstein', {
      arguments: fc
        .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 20 }))
        .chain(([pairs, many, directions]) =>
          fc.tuple(array([pairs, 2]), array([many, pairs, 2]), fc.constant(directions)),
        ),
    });
    const report = parity.assert('topology.sliced_wasserstein', { runs: 60 });
    expect(report).toMatchObject({ status: 'passed', runs: 60, maxUlp: 0 });
  });

  it('is none from a diagram to itself, and that of the diagonal to one with a single pair', () => {
    const one = mx.array([[0, 1]]);
    const two = mx.array([
      [0, 1],
      [2, 3],
    ]);
    const stack = stackOf([one, two, mx.zeros([0, 2])]);
    const all = slicedWasserstein(mx.expandDims(stack, 1), mx.expandDims(stack, 0), 256).tolist() as number[][];
    for (let i = 0; i < 3; i++) expect(all[i]?.[i]).toBe(0);
    expect(all[0]?.[1]).toBeCloseTo(all[1]?.[0] as number, 6);
    // The pair is half of √2 from the diagonal; the mean of |cos| is 2/π.
    expect(all[0]?.[2]).toBeCloseTo(Math.SQRT1_2 * (2 / Math.PI), 3);
  });

  it('is computed where the router sends it', () => {
    routing.reset();
    const one = mx.array([[0, 1]]);
    slicedWasserstein(one, one).tolist();
    const rows = routing.table().filter(({ operation }) => operation.startsWith('topology.'));
    expect(rows).toMatchObject([{ implementation: 'native', reason: 'ported', calls: 1 }]);
  });
});

test.each(TOOLS.clusters === 'plain' ? ['plain'] : ['plain', TOOLS.clusters])(
  'clusters by %s are found in two heaps',
  async (method) => {
    const noise = mx.random.normal([16, 3], { key: mx.random.key(3) }).multiply(0.05);
    const heaps = noise.add(mx.floorDivide(mx.expandDims(mx.arange(16), 1), 8).multiply(5));
    const labels = await clustersOf.async(heaps, method);
    expect(new Set(labels.slice(0, 8).filter((label) => label >= 0))).toEqual(new Set([0]));
    expect(new Set(labels.slice(8).filter((label) => label >= 0))).toEqual(new Set([1]));
    expect(await clustersOf.async(mx.zeros([3, 2]), method)).toEqual([-1, -1, -1]);
  },
);

describe('a database', () => {
  const refused = (name: string) => {
    try {
      new Store(at(name)).close();
    } catch (error) {
      expect(error).toBeInstanceOf(FileError);
      return (error as Error).message;
    }
    return 'nothing';
  };

  it('of another version, of another program, damaged, or none is refused', () => {
    new Store(at('newer.db')).close();
    for (const [name, sql] of [
      ['newer.db', 'PRAGMA user_version = 9'],
      ['other.db', 'CREATE TABLE t (x)'],
    ] as const) {
      const database = new Database(at(name));
      database.exec(sql);
      database.close();
    }
    writeFileSync(at('text.db'), 'this is a text, and no database at all\n'.repeat(200));
    mkdirSync(at('folder.db'));
    expect(refused('newer.db')).toMatch(/newer\.db has tables of version 9, this program has version 1: name another/);
    expect(refused('other.db')).toMatch(/other\.db is the database of another program/);
    expect(refused('text.db')).toMatch(/text\.db is no database/);
    expect(refused('folder.db')).toMatch(/folder\.db is a folder: name a file with --database/);
  });

  it('that is in use is refused, and one of no bytes is a new one', () => {
    writeFileSync(at('used.db'), '');
    using store = new Store(at('used.db'));
    expect(store.latest()).toBeUndefined();
    expect(refused('used.db')).toMatch(/used\.db is in use by another process/);
  });

  it('takes nothing twice, and nothing in part', async () => {
    using store = new Store(at('twice.db'));
    const { runs } = await experimentOf(store, small());
    const [run] = runs as [(typeof runs)[0]];
    store.addInvocation(run, 0, 'generate', 'a');
    expect(() => store.addInvocation(run, 0, 'generate', 'b')).toThrow(/twice\.db cannot be used: UNIQUE/);
    expect(() => store.addVectors(run, 'words', mx.ones([2, 4]))).toThrow(/FOREIGN KEY/);
    expect(store.vectors(run, 'words')).toBeUndefined();
    expect(store.texts(run)).toEqual(['a']);
  });
});

describe('an experiment', () => {
  it('is resumed as it was begun, and a contradiction is named', async () => {
    using store = new Store(at('resume.db'));
    const begun = await experimentOf(store, small());
    expect(await experimentOf(store, parseOptions(['--resume']))).toEqual(begun);
    expect((await experimentOf(store, small())).id).toBe(begun.id + 1);
    await expect(experimentOf(store, small('--resume', '--steps', '9'))).rejects.toThrow(
      '--steps: the experiment was begun with 8, received 9; leave it out',
    );
  });

  it('needs a text to begin with', async () => {
    mkdirSync(at('empty'));
    writeFileSync(at('empty/a.md'), ' \n');
    using store = new Store(at('empty.db'));
    await expect(experimentOf(store, small('--folder', at('empty')))).rejects.toThrow(
      /no \.md or \.txt file with text/,
    );
    expect(store.latest()).toBeUndefined();
  });
});

test.each([
  [['--texts', '0'], '--texts: expected an integer from 1 to 100, received "0"'],
  [['--steps', '1'], '--steps: expected an integer from 2 to 200, received "1"'],
  [['--rounds', 'x'], '--rounds'],
  [['--database', ' '], '--database: expected a file'],
  [['--nothing'], "Unknown option '--nothing'"],
])('a wrong option is named: %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
