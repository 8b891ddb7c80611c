import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { FileError } from '../../../foundation/errors/errors.ts';
import { resolveModel } from '../hub.ts';
import { COMMIT, HubServer } from './hub-server.ts';

export const WEIGHTS = Buffer.from(
  Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) & 0xff),
);
export const WEIGHTS_HASH = createHash('sha256').update(WEIGHTS).digest('hex');

const VARIABLES = ['HF_TOKEN', 'HUGGING_FACE_HUB_TOKEN', 'HF_TOKEN_PATH', 'HF_HUB_CACHE', 'HF_HUB_OFFLINE'];

/** A cache and a server of its own for each test, which the environment names. */
export class Hub {
  root = '';
  server = new HubServer();

  constructor() {
    beforeEach(async () => {
      this.root = mkdtempSync(join(tmpdir(), 'mlx-router-hub-'));
      this.server = new HubServer();
      const endpoint = await this.server.start();
      this.server.files.set('config.json', { content: Buffer.from('{"model_type":"llama"}') });
      this.server.files.set('tokenizer.json', { content: Buffer.from('{}') });
      this.server.files.set('model.safetensors', { content: WEIGHTS, large: true });
      for (const name of [...VARIABLES, 'TRANSFORMERS_OFFLINE']) vi.stubEnv(name, '');
      vi.stubEnv('HF_HOME', this.root);
      vi.stubEnv('HF_ENDPOINT', `${endpoint}/`);
    });
    afterEach(async () => {
      vi.unstubAllEnvs();
      await this.server.stop();
      rmSync(this.root, { recursive: true });
    });
  }

  get storage(): string {
    return join(this.root, 'hub', 'models--org--model');
  }

  get snapshot(): string {
    return join(this.storage, 'snapshots', COMMIT);
  }

  leftovers(): string[] {
    return readdirSync(join(this.storage, 'blobs')).filter((name) => name.includes('incomplete'));
  }

  /** The requests for files. */
  downloads(): string[] {
    return this.server.requests.filter((path) => path.includes('/resolve/'));
  }

  /** The FileError of a call that must fail. */
  async failure(name = 'org/model', options = {}): Promise<Error> {
    const error = await resolveModel(name, options).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    return error;
  }
}
