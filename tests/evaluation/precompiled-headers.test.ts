import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

const isKnown = process.platform === 'linux' && process.arch === 'x64';
const root = mkdtempSync(join(tmpdir(), 'mlx-router-headers-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A cache without kernels, and a compiler that notes its arguments and which precompiled headers it looks at. */
function coldCache(name: string) {
  const cache = join(root, name);
  const [bin, notes] = [join(cache, 'bin'), join(cache, 'notes')];
  mkdirSync(bin, { recursive: true });
  const real = execFileSync('which', ['g++'], { encoding: 'utf8' }).trim();
  const script = '#!/bin/sh\nnotes="$(dirname "$0")/../notes"\necho "arguments $*" >> "$notes"\n';
  writeFileSync(join(bin, 'g++'), `${script}exec ${real} -H "$@" 2>> "$notes"\n`, { mode: 0o755 });
  const count = (isCounted: (line: string) => boolean) =>
    readFileSync(notes, 'utf8').split('\n').filter(isCounted).length;
  return {
    place: join(cache, 'mlx-router', 'mlx'),
    environment: { PATH: `${bin}:${process.env['PATH']}`, XDG_CACHE_HOME: cache },
    /** How often the compiler was called for a header. */
    made: () => count((line) => line.startsWith('arguments ') && line.includes('c++-header')),
    /** How many kernels were made with a header. */
    used: () => count((line) => line.startsWith('! ')),
  };
}

type Cache = ReturnType<typeof coldCache>;

function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => name.endsWith(ending)).map((name) => join(folder, name));
}

const headers = ({ place }: Cache) => filesBelow(place, '.gch');

function kernels({ place }: Cache): Map<string, Buffer> {
  const files = filesBelow(place, '.so');
  return new Map(files.map((file) => [file.slice(place.length), readFileSync(file)]));
}

const FUSED = `
  const { existsSync, readdirSync, statSync, copyFileSync, truncateSync, openSync, writeSync, closeSync } = await import('node:fs');
  const { setTimeout: pause } = await import('node:timers/promises');
  mx.setDefaultDevice(mx.cpu);
  const functions = [
    (x) => mx.exp(x).multiply(x),
    (x) => mx.erf(x).add(x).multiply(x),
    (x) => mx.sigmoid(x).multiply(x).add(mx.exp(x)),
    (x) => mx.tanh(x).subtract(x).multiply(x),
    (x) => x.multiply(x).add(x),
  ];
  /** Whether the kernel of a function, made for these numbers, gives what its operations give. */
  const same = (number, x = mx.arange(-4, 4, 0.125)) =>
    mx.arrayEqual(mx.compile(functions[number])(x), functions[number](x)).item();
  const headers = () => {
    const folder = process.env.XDG_CACHE_HOME + '/mlx-router/mlx';
    return !existsSync(folder) ? [] : readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.gch'));
  };
  const untilThereAre = async (count) => {
    for (let i = 0; headers().length < count && i < 600; i++) await pause(100);
  };
`;
const THREE = `${FUSED} report([0, 1, 2].map((i) => same(i)));`;

describe.runIf(isKnown)('the precompiled header of kernels', () => {
  const cold = coldCache('a "cold" cache of $USER\'s');
  /** The header of the first test, and the place for it in another cache. */
  let good = '';
  const headerIn = ({ place }: Cache) => join(place, good.slice(cold.place.length));

  it('is made at the second kernel, and later ones are made with it, by a worker too', async () => {
    const found = await askChild(
      `${FUSED}
      const results = [same(0)];
      const before = headers().length;
      results.push(same(1));
      await untilThereAre(1);
      results.push(same(2), mx.withImplementation('python', () => same(3)));
      report({ before, results });`,
      cold.environment,
    );
    expect(found).toEqual({ before: 0, results: [true, true, true, true] });
    expect(cold.made()).toBe(1);
    expect(cold.used()).toBe(2);
    const files = headers(cold);
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600]);
    good = String(files[0]);
    expect(filesBelow(cold.place, '.part')).toEqual([]);
  });

  it('is another one for kernels of integers, which have no vectors', async () => {
    const found = await askChild(
      `${FUSED}
      const x = mx.arange(-100, 100);
      const squares = [(x) => x.multiply(x).add(x), (x) => x.multiply(x).subtract(x), (x) => x.subtract(x).multiply(x)];
      const results = [];
      for (const square of squares) {
        if (results.length === 2) await untilThereAre(2);
        results.push(mx.arrayEqual(mx.compile(square)(x), square(x)).item());
      }
      report(results);`,
      cold.environment,
    );
    expect(found).toEqual([true, true, true]);
    expect([cold.made(), cold.used()]).toEqual([2, 3]);
    expect(headers(cold).length).toBe(2);
  });

  it('does not change a byte of a kernel; where its folder cannot be written there is none', async () => {
    const alone = coldCache('alone');
    const [version] = readdirSync(cold.place);
    mkdirSync(join(alone.place, String(version)), { recursive: true });
    writeFileSync(join(alone.place, String(version), 'headers'), 'no folder');
    const body = `${FUSED} report([0, 1, 2, 3].map((i) => same(i)));`;
    expect(await askChild(body, alone.environment)).toEqual([true, true, true, true]);
    expect([alone.made(), alone.used()]).toEqual([0, 0]);
    const [without, all] = [kernels(alone), kernels(cold)];
    expect(without.size).toBe(4);
    for (const [name, code] of without) expect(all.get(name)?.equals(code)).toBe(true);
  });

  it('goes when it is broken, and the kernel is right', async () => {
    const cache = coldCache('broken');
    const file = headerIn(cache);
    mkdirSync(dirname(file), { recursive: true });
    const body = `${FUSED}
      const file = ${JSON.stringify(file)};
      const breaks = [
        () => truncateSync(file, 0),
        () => truncateSync(file, 100),
        () => truncateSync(file, Math.floor(statSync(file).size / 2)),
        () => overwrite(0),
        () => overwrite(4096),
      ];
      function overwrite(start) {
        const descriptor = openSync(file, 'r+');
        writeSync(descriptor, 'something else '.repeat(1_000_000), start);
        closeSync(descriptor);
      }
      report(breaks.map((damage, number) => {
        copyFileSync(${JSON.stringify(good)}, file);
        damage();
        return [same(number), existsSync(file)];
      }));`;
    expect(await askChild(body, cache.environment)).toEqual(Array(5).fill([true, false]));
  });

  it('is made by one of two processes that begin at the same time', async () => {
    const cache = coldCache('two');
    const body = `${THREE} await untilThereAre(1);`;
    const results = await Promise.all([askChild(body, cache.environment), askChild(body, cache.environment)]);
    expect(results).toEqual([
      [true, true, true],
      [true, true, true],
    ]);
    expect([cache.made(), headers(cache).length, filesBelow(cache.place, '.part')]).toEqual([1, 1, []]);
  });

  it('is made to its end when the worker that began it has ended', async () => {
    const cache = coldCache('worker');
    const body = `${FUSED}
      report(mx.withImplementation('python', () => [same(0), same(1)]));
      await shutdown();`;
    expect(await askChild(body, cache.environment)).toEqual([true, true]);
    await expect.poll(() => headers(cache).length, { timeout: 60_000 }).toBe(1);
  }, 90_000);

  it('is made by another process where the one that began it was killed', async () => {
    const cache = coldCache('killed');
    const part = `${headerIn(cache)}.part`;
    mkdirSync(dirname(part), { recursive: true });
    writeFileSync(part, 'a part');
    expect(await askChild(THREE, cache.environment)).toEqual([true, true, true]);
    expect([cache.made(), readFileSync(part, 'utf8')]).toEqual([0, 'a part']);
    const longAgo = Date.now() / 1000 - 3600;
    utimesSync(part, longAgo, longAgo);
    rmSync(join(cache.place, String(readdirSync(cache.place)[0]), 'cpu'), { recursive: true });
    expect(await askChild(`${THREE} await untilThereAre(1);`, cache.environment)).toEqual([true, true, true]);
    expect([cache.made(), headers(cache).length]).toEqual([1, 1]);
  });
});
