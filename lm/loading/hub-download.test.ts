import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { resolveModel } from './hub.ts';
import { Hub, WEIGHTS, WEIGHTS_HASH } from './test-support/hub-fixture.ts';
import { COMMIT, refuse } from './test-support/hub-server.ts';

// Waiting for better times takes a tenth of its time.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  const setTimeout = (ms: number, value?: unknown, options?: object) => timers.setTimeout(ms / 10, value, options);
  return { ...timers, setTimeout };
});

const hub = new Hub();

describe('connections that break', () => {
  it('are taken up where they broke', async () => {
    hub.server.breakAfter = 120_000;
    const folder = await resolveModel('org/model');
    expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    const continued = hub.downloads().filter((path) => path.includes('bytes='));
    expect(continued.length).toBeGreaterThanOrEqual(2);
  });

  it('are taken up by a later call, whose process may be another', async () => {
    hub.server.intercept = (request, response) => {
      if (!request.url?.includes('model.safetensors')) return false;
      if (request.headers.range === undefined) hub.server.breakAfter = 100_000;
      else refuse(response, 503);
      return request.headers.range !== undefined;
    };
    const { message } = await hub.failure();
    const kept = Number(/broke at byte (\d+) of 300000.*Try again/.exec(message)?.[1]);
    expect(kept).toBeGreaterThan(0);
    expect(hub.leftovers()).toHaveLength(1);
    hub.server.intercept = () => false;
    hub.server.breakAfter = Number.POSITIVE_INFINITY;
    hub.server.requests.length = 0;
    await resolveModel('org/model');
    expect(hub.downloads()).toEqual([`/org/model/resolve/${COMMIT}/model.safetensors bytes=${kept}-`]);
    expect(hub.leftovers()).toEqual([]);
  });

  it('begin anew where the server gives no parts', async () => {
    hub.server.breakAfter = 250_000;
    hub.server.ranges = false;
    hub.server.intercept = (request) => {
      if (request.headers.range !== undefined) hub.server.breakAfter = Number.POSITIVE_INFINITY;
      return false;
    };
    const folder = await resolveModel('org/model');
    expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
  });

  it('to a process that died are taken up', async () => {
    mkdirSync(join(hub.storage, 'blobs'), { recursive: true });
    const dead = join(hub.storage, 'blobs', `${WEIGHTS_HASH}.999999999-x.mlx-router.incomplete`);
    writeFileSync(dead, WEIGHTS.subarray(0, 1000));
    const other = join(hub.storage, 'blobs', `${WEIGHTS_HASH}.1234abcd.incomplete`);
    writeFileSync(other, 'of another program');
    await resolveModel('org/model');
    expect(hub.downloads().at(-1)).toContain('bytes=1000-');
    expect(existsSync(dead)).toBe(false);
    expect(readFileSync(other, 'utf8')).toBe('of another program');
  });
});

describe('wrong bytes', () => {
  it.each([
    ['more than listed', { content: WEIGHTS, large: true, listedSize: 1000 }, /more bytes come than the 1000/],
    ['fewer than listed', { content: WEIGHTS, large: true, listedSize: 300_001 }, /broke at byte 300000 of 300001/],
    ['others than listed', { content: WEIGHTS, large: true, listedHash: 'b'.repeat(64) }, /others than the Hub says/],
    ['others in a small file', { content: Buffer.from('{}'), listedHash: 'b'.repeat(40) }, /others than the Hub says/],
    ['no hash', { content: WEIGHTS, listedHash: '../../x' }, /does not say what/],
  ])('%s are a FileError', async (_, file, message) => {
    hub.server.files.set('model.safetensors', file);
    expect((await hub.failure()).message).toMatch(message);
    expect(existsSync(join(hub.storage, 'refs'))).toBe(false);
  });

  it.each([['../config.json'], ['a/../../x.json'], ['/etc/x.json'], ['a\\x.json'], ['..']])(
    'the name %s is refused',
    async (name) => {
      hub.server.files.set(name, { content: Buffer.from('{}') });
      expect((await hub.failure()).message).toMatch(/lead out of its folder/);
      expect(hub.downloads()).toEqual([]);
    },
  );

  it('that are no answer of a Hub are a FileError', async () => {
    for (const answer of [
      '<html>',
      '{}',
      'null',
      '[]',
      '{"sha":"../..","siblings":[]}',
      `{"sha":"${COMMIT}","siblings":[null]}`,
    ]) {
      hub.server.intercept = (_, response) => {
        response.end(answer);
        return true;
      };
      await hub.failure();
    }
  });
});

describe('the cache', () => {
  it('may be elsewhere, and says where it cannot be written', async () => {
    vi.stubEnv('HF_HUB_CACHE', join(hub.root, 'other'));
    expect(await resolveModel('org/model')).toBe(join(hub.root, 'other/models--org--model/snapshots', COMMIT));
    writeFileSync(join(hub.root, 'file'), '');
    vi.stubEnv('HF_HUB_CACHE', join(hub.root, 'file'));
    expect((await hub.failure()).message).toMatch(/cannot be written.*HF_HUB_CACHE/);
  });

  it('is filled once by calls and processes that begin together', async () => {
    const child = fileURLToPath(new URL('test-support/download-child.ts', import.meta.url));
    const processes = [1, 2].map(() =>
      promisify(execFile)(process.execPath, ['--import', 'tsx', child], { env: process.env }),
    );
    const calls = [1, 2].map(() => resolveModel('org/model'));
    expect(await Promise.all(calls)).toEqual([hub.snapshot, hub.snapshot]);
    for (const { stdout } of await Promise.all(processes)) expect(stdout).toBe(hub.snapshot);
    expect(readFileSync(join(hub.snapshot, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(hub.downloads().filter((path) => path.includes('model.safetensors'))).toHaveLength(1);
    expect(hub.leftovers()).toEqual([]);
  });

  it('refuses unknown options', async () => {
    await expect(resolveModel('org/model', { branch: 'x' } as never)).rejects.toThrow(/"branch"/);
    for (const options of [{ token: 3 }, { onProgress: 3 }, { localOnly: 1 }, { signal: {} }, null]) {
      await expect(resolveModel('org/model', options as never)).rejects.toThrow(ArgumentError);
    }
  });
});
