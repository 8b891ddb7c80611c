import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach } from 'vitest';
import type { LanguageModel } from '../../language-model.ts';
import { type ServeOptions, type Server, serve } from '../index.ts';
import { tinyModel } from './models.ts';

export const messages = [{ role: 'user' as const, content: 'Hello' }];
export const free = { running: 0, waiting: 0 };

/** An error in OpenAI's format. */
export interface Refusal {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
}

export const root = mkdtempSync(join(tmpdir(), 'mlx-router-serve-'));
const others: Server[] = [];

export const model: LanguageModel = await tinyModel(join(root, 'tiny'));
/** The server that the tests of a file share. */
export const server: Server = await serve(model, { port: 0 });
afterEach(async () => {
  await Promise.all(others.splice(0).map((started) => started.close({ graceMs: 0 })));
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true });
});

export const clientOf = ({ url }: Server, apiKey = 'none'): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

/** A server for one test. */
export async function other(of: LanguageModel, options: ServeOptions = {}): Promise<Server> {
  const started = await serve(of, { port: 0, ...options });
  others.push(started);
  return started;
}

export async function until(isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 20_000; !isTrue(); ) {
    if (Date.now() > end) throw new Error(`never came: ${isTrue}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export const isFree = ({ load }: Server): boolean => load.running + load.waiting === 0;

export async function post(path: string, body: unknown, headers: Record<string, string> = {}, to = server) {
  const response = await fetch(to.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as { error: Refusal } };
}

/** A streamed answer that nobody reads until told to. */
export function openStream(to: Server, body: object): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${to.url}/v1/completions`,
      { method: 'POST', headers: { 'content-type': 'application/json' } },
      resolve,
    );
    request.on('error', reject);
    request.end(JSON.stringify({ stream: true, ...body }));
  });
}
