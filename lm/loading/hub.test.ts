import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { resolveModel } from './hub.ts';
import { Hub, WEIGHTS, WEIGHTS_HASH } from './test-support/hub-fixture.ts';
import { COMMIT, HubServer, refuse } from './test-support/hub-server.ts';

// Waiting for better times takes a tenth of its time.
vi.mock('node:timers/promises', async (original) => {
  const timers = await original<typeof import('node:timers/promises')>();
  const setTimeout = (ms: number, value?: unknown, options?: object) => timers.setTimeout(ms / 10, value, options);
  return { ...timers, setTimeout };
});

const hub = new Hub();

describe('a folder', () => {
  it('stays, and so does a file', async () => {
    expect(await resolveModel(hub.root)).toBe(hub.root);
    writeFileSync(join(hub.root, 'x.gguf'), '');
    expect(await resolveModel(join(hub.root, 'x.gguf'))).toBe(join(hub.root, 'x.gguf'));
    expect(hub.server.requests).toEqual([]);
  });

  it('that is not there and cannot be a name is a FileError', async () => {
    for (const name of ['./none', '/none/at/all', 'a/b/c', '../no-such-folder', 'org/mo del', 'org/mo--del']) {
      expect((await hub.failure(name)).message, name).toMatch(/there is no folder/);
    }
    for (const name of ['', 'a\0b', 3, null]) await expect(resolveModel(name as never)).rejects.toThrow(ArgumentError);
  });
});

describe('a repository', () => {
  it('is downloaded into the layout of huggingface_hub, without what no model needs', async () => {
    for (const name of ['README.md', 'pytorch_model.bin', 'consolidated.safetensors', 'onnx/config.json', 'run.py']) {
      hub.server.files.set(name, { content: Buffer.from('x') });
    }
    hub.server.files.set('additional_chat_templates/tool_use.jinja', { content: Buffer.from('{{ tools }}') });
    hub.server.files.set('empty.txt', { content: Buffer.alloc(0) });
    const folder = await resolveModel('org/model', { revision: 'v1' });
    expect(folder).toBe(hub.snapshot);
    expect(readdirSync(folder).sort()).toEqual([
      'additional_chat_templates',
      'config.json',
      'empty.txt',
      'model.safetensors',
      'tokenizer.json',
    ]);
    expect(readFileSync(join(folder, 'model.safetensors')).equals(WEIGHTS)).toBe(true);
    expect(readFileSync(join(folder, 'additional_chat_templates/tool_use.jinja'), 'utf8')).toBe('{{ tools }}');
    expect(readFileSync(join(hub.storage, 'refs', 'v1'), 'utf8')).toBe(COMMIT);
    expect(lstatSync(join(folder, 'model.safetensors')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(hub.storage, 'blobs', WEIGHTS_HASH))).toBe(true);
    expect(hub.leftovers()).toEqual([]);
  });

  it('is not downloaded again', async () => {
    await resolveModel('org/model');
    const before = hub.downloads().length;
    expect(before).toBe(3);
    expect(await resolveModel('org/model', { revision: COMMIT })).toBe(hub.snapshot);
    expect(hub.downloads().length).toBe(before);
    writeFileSync(join(hub.snapshot, 'config.json'), 'damaged');
    await resolveModel('org/model');
    expect(readFileSync(join(hub.snapshot, 'config.json'), 'utf8')).toBe('{"model_type":"llama"}');
  });

  it('says how far it is', async () => {
    const steps: number[] = [];
    let total = 0;
    await resolveModel('org/model', {
      onProgress: ({ loadedBytes, totalBytes }) => {
        steps.push(loadedBytes);
        total = totalBytes;
      },
    });
    expect(total).toBe(WEIGHTS.length + 24);
    expect(steps.at(-1)).toBe(total);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    rmSync(hub.storage, { recursive: true });
    const onProgress = () => {
      throw new Error('mine');
    };
    await expect(resolveModel('org/model', { onProgress })).rejects.toThrow('mine');
  });

  it('ends when it is aborted, and goes on where it ended', async () => {
    const controller = new AbortController();
    hub.server.files.set('a.json', { content: Buffer.from('1') });
    const onProgress = ({ file }: { file: string }) => {
      if (file === 'model.safetensors') controller.abort(new Error('enough'));
    };
    await expect(resolveModel('org/model', { onProgress, signal: controller.signal })).rejects.toThrow('enough');
    await expect(resolveModel('org/model', { signal: controller.signal })).rejects.toThrow('enough');
    expect(await resolveModel('org/model')).toBe(hub.snapshot);
    expect(hub.leftovers()).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    [401, undefined, /Set HF_TOKEN/],
    [403, 'GatedRepo', /accept its conditions/],
    [404, 'RepoNotFound', /there is no model .*org\/model/],
    [400, undefined, /status 400/],
  ])('%s says how to repair it', async (status, code, message) => {
    hub.server.intercept = (_, response) => {
      refuse(response, status, code);
      return true;
    };
    expect((await hub.failure()).message).toMatch(message);
    expect(hub.server.requests).toHaveLength(1);
  });

  it('of a revision name it', async () => {
    expect((await hub.failure('org/model', { revision: 'v2' })).message).toMatch(/no revision "v2"/);
    for (const revision of ['', '../x', '/x', 'a//b', 'a\nb', 3]) {
      await expect(resolveModel('org/model', { revision } as never)).rejects.toThrow(ArgumentError);
    }
  });

  it('of models in other layouts say what they have', async () => {
    hub.server.files.delete('config.json');
    hub.server.files.set('small.gguf', { content: Buffer.from('GGUF') });
    expect((await hub.failure()).message).toMatch(/small\.gguf, and give its path/);
  });

  it('do not come with the right token, which goes to no other server and into no error', async () => {
    hub.server.token = 'hf_secret';
    const elsewhere = new HubServer();
    const other = await elsewhere.start();
    let seen: unknown = 'nothing';
    elsewhere.intercept = (request, response) => {
      seen = request.headers.authorization;
      response.end(WEIGHTS);
      return true;
    };
    hub.server.intercept = (request, response) => {
      if (!request.url?.includes('model.safetensors')) return false;
      response.writeHead(302, { location: `${other}/cdn` }).end();
      return true;
    };
    try {
      expect((await hub.failure('org/model', { token: 'hf_wrong' })).message).not.toContain('hf_wrong');
      vi.stubEnv('HF_TOKEN', 'hf_secret');
      await hub.failure('org/model', { token: false });
      await resolveModel('org/model');
      expect(seen).toBe(undefined);
      vi.stubEnv('HF_TOKEN', '');
      writeFileSync(join(hub.root, 'token'), 'hf_secret\n');
      expect(await resolveModel('org/model')).toBe(hub.snapshot);
    } finally {
      await elsewhere.stop();
    }
    const error = await resolveModel('org/model', { token: 'hf_s\u00e9cret' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).not.toContain('cret');
  });
});

describe('without a connection', () => {
  it('takes what was downloaded before, and says what to do where nothing was', async () => {
    expect((await hub.failure('org/model', { localOnly: true })).message).toMatch(
      /"localOnly" is set.*Download it once/,
    );
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect((await hub.failure()).message).toMatch(/HF_HUB_OFFLINE is set/);
    vi.stubEnv('HF_HUB_OFFLINE', '0');
    await resolveModel('org/model');
    hub.server.requests.length = 0;
    expect(await resolveModel('org/model', { localOnly: true })).toBe(hub.snapshot);
    expect(await resolveModel('org/model', { localOnly: true, revision: COMMIT })).toBe(hub.snapshot);
    vi.stubEnv('HF_HUB_OFFLINE', '1');
    expect(await resolveModel('org/model')).toBe(hub.snapshot);
    expect(hub.server.requests).toEqual([]);
    vi.stubEnv('HF_HUB_OFFLINE', '');
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    expect(await resolveModel('org/model')).toBe(hub.snapshot);
  });

  it('names the endpoint that does not answer', async () => {
    vi.stubEnv('HF_ENDPOINT', 'http://127.0.0.1:1');
    expect((await hub.failure()).message).toMatch(/http:\/\/127\.0\.0\.1:1 does not answer/);
  });
});
