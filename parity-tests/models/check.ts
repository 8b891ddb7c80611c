import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx } from '../../mlx/index.ts';
import { generated, loadFolder, logitsOf } from './ours.ts';
import { type GenerateRun, type LogitsRun, type ModelRequest, planOf } from './plan.ts';
import type { Reference } from './python.ts';
import type { ModelRow } from './rows.ts';

/** What one row came to. */
export interface RowReport {
  readonly name: string;
  /** Checkpoints that both sides have read. */
  readonly checkpoints: number;
  /** Arrays of scores that were compared bit for bit. */
  readonly logits: number;
  /** Generated sequences that were compared token for token. */
  readonly sequences: number;
  readonly failure: { readonly sample: string; readonly difference: string } | null;
  readonly reasons: readonly string[];
  readonly milliseconds: number;
}

/** Compares one architecture, until something differs. */
export async function checkRow(
  row: ModelRow,
  reference: Reference,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): Promise<RowReport> {
  const start = performance.now();
  const counts = { checkpoints: 0, logits: 0, sequences: 0 };
  let failure: RowReport['failure'] = null;
  for (let run = 0; run < runs && failure === null; run++) {
    for (const planned of planOf(row, seed + run)) {
      const difference = await inFolder((folder) =>
        firstDifference({ ...planned.request, folder }, row.unequal === undefined, reference, counts),
      );
      if (difference === undefined) continue;
      failure = { sample: `${row.name}, ${planned.title}, seed ${seed + run}`, difference };
      break;
    }
  }
  const reasons = [row.unequal, row.noBfloat16].filter((reason) => reason !== undefined);
  return { name: row.name, ...counts, failure, reasons, milliseconds: Math.round(performance.now() - start) };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-models-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Counts = { checkpoints: number; logits: number; sequences: number };

async function firstDifference(
  request: ModelRequest,
  comparesBits: boolean,
  reference: Reference,
  counts: Counts,
): Promise<string | undefined> {
  let tokens: readonly (readonly number[])[];
  try {
    tokens = await reference.ask(request);
  } catch (error) {
    return messageOf(error);
  }
  const expected = mx.load(join(request.folder, 'expected.safetensors')) as Record<string, mx.Array>;
  try {
    const model = await loadFolder(request.folder);
    counts.checkpoints++;
    for (const [place, run] of request.logits.entries()) {
      if (!comparesBits) break;
      const found = logitsOf(model, run);
      for (const [piece, logits] of found.entries()) {
        counts.logits++;
        const difference = differenceOf(logits, expected[`${place}.${piece}`] as mx.Array);
        if (difference !== undefined) return `${wordsOf(run)}, piece ${piece}: ${difference}`;
      }
    }
    for (const [place, run] of request.generate.entries()) {
      counts.sequences++;
      const found = await generated(model, run);
      const meant = tokens[place] as readonly number[];
      const at = meant.findIndex((token, index) => token !== found[index]);
      if (at >= 0 || found.length !== meant.length) {
        return `${wordsOf(run)}: token ${at} of ${meant.length} is ${meant[at]} in Python, ${found[at]} here`;
      }
    }
  } catch (error) {
    return `here it fails: ${messageOf(error)}`;
  }
  return undefined;
}

function wordsOf(run: LogitsRun | GenerateRun): string {
  if ('pieces' in run) return `scores of a batch of ${run.tokens.length} with the ${run.cache} cache`;
  return `${run.seed === null ? 'greedy' : 'sampled'} tokens with the ${run.cache} cache`;
}

function differenceOf(found: mx.Array, meant: mx.Array): string | undefined {
  if (found.dtype !== meant.dtype) return `expected ${meant.dtype}, received ${found.dtype}`;
  if (String(found.shape) !== String(meant.shape)) return `expected [${meant.shape}], received [${found.shape}]`;
  const bits = meant.dtype === mx.float32 ? mx.uint32 : mx.uint16;
  const apart = mx.notEqual(found.view(bits), meant.view(bits));
  const count = mx.sum(apart).item() as number;
  if (count === 0) return undefined;
  const [one, other] = [found.astype(mx.float32), meant.astype(mx.float32)];
  const most = mx.max(mx.abs(one.subtract(other))).item();
  return `${count} of ${meant.size} scores have other bits, by ${most} at most`;
}
