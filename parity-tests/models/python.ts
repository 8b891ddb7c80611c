import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { packageRoot } from '../../foundation/system/package-root.ts';
import type { GoldenAnswer, GoldenCase } from './golden-cases.ts';
import type { ModelRequest } from './plan.ts';

const SCRIPT = join(packageRoot(), 'parity-tests', 'models', 'reference.py');

export interface PythonPlace {
  readonly python: string;
  /** The library with the BLAS that the native side has; null: what MLX has itself. */
  readonly blas: string | null;
}

/** This Python has no mlx_lm. */
export class NoReferenceError extends Error {}

interface Reply {
  readonly missing?: string;
  readonly error?: string;
  readonly versions?: Readonly<Record<string, string>>;
  readonly tokens?: unknown;
}

/** A Python process with mlx_lm, asked one thing after the other. */
export class Reference {
  readonly versions: Readonly<Record<string, string>>;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(
    process: ChildProcessByStdio<Writable, Readable, null>,
    lines: AsyncIterator<string>,
    versions: Readonly<Record<string, string>>,
  ) {
    this.#process = process;
    this.#lines = lines;
    this.versions = versions;
  }

  /** @throws NoReferenceError if it cannot be started, or lacks mlx_lm */
  static async start({ python, blas }: PythonPlace): Promise<Reference> {
    const env = { ...process.env, ...(blas === null ? {} : { MLX_ROUTER_BLAS: blas }) };
    const child = spawn(python, [SCRIPT], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<never>((_, reject) => {
      child.once('error', (error) => reject(new NoReferenceError(`${python} cannot be started: ${error.message}`)));
    });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // A process that ends meanwhile closes its output, which is noticed where an answer is awaited.
    child.stdin.on('error', () => undefined);
    const hello = await Promise.race([nextReply(lines), failed]);
    if (hello.versions === undefined) {
      const why = `${python} has no mlx_lm (${hello.missing ?? hello.error})`;
      throw new NoReferenceError(`${why}; install it: ${python} -m pip install mlx-lm==0.32.2`);
    }
    return new Reference(child, lines, hello.versions);
  }

  /** What a model computes whose weights follow from their names. */
  async golden(request: GoldenCase): Promise<GoldenAnswer> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { scores, tokens, error } = (await nextReply(this.#lines)) as Partial<GoldenAnswer> & Reply;
    if (scores === undefined || tokens === undefined) throw new Error(`mlx_lm failed: ${error}`);
    return { scores, tokens };
  }

  /** The tokens of each run; the scores are in the folder. */
  async ask(request: ModelRequest): Promise<readonly (readonly number[])[]> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    const { tokens, error } = await nextReply(this.#lines);
    if (tokens === undefined) throw new Error(`mlx_lm failed: ${error}`);
    return tokens as readonly (readonly number[])[];
  }

  close(): void {
    this.#process.stdin.end();
  }
}

async function nextReply(lines: AsyncIterator<string>): Promise<Reply> {
  const { value, done } = await lines.next();
  return done ? { error: 'its process ended' } : (JSON.parse(value) as Reply);
}
