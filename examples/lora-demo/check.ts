import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import * as lm from '../../lm/index.ts';
import { internals, core as mx } from '../../mlx/index.ts';
import { BLAS, REFERENCE, SITE } from './folders.ts';

export interface Checked {
  /** The scores of how many tokens were compared, and how many of them have the same bits. */
  readonly count: number;
  readonly equal: number;
  readonly largest: number;
}

interface Folders {
  readonly model: string;
  readonly adapters: string;
  readonly fused: string;
}

/** The scores of each next token, `[1, L, vocabulary]`. */
async function scores(folder: string, tokens: readonly number[], adapters?: string): Promise<mx.Array> {
  const { model } = await lm.openModel(folder);
  if (adapters !== undefined) await lm.loadAdapters(model, adapters);
  const logits = model.forward(mx.array([...tokens], mx.int32).index(null));
  await mx.asyncEval(logits);
  return logits;
}

/** Lets mlx_lm compute with the adapters and with the fused weights, and compares its scores with ours. */
export async function checkInPython(folders: Folders, text: string): Promise<{ adapters: Checked; fused: Checked }> {
  const { tokenizer } = await lm.openModel(folders.model);
  const tokens = tokenizer.encode(text).slice(0, 128);
  const ours = join(folders.adapters, 'scores.safetensors');
  mx.saveSafetensors(ours, {
    adapters: await scores(folders.model, tokens, folders.adapters),
    fused: await scores(folders.fused, tokens),
  });
  const { python } = internals.pythonBackend.status(false).details;
  const input = JSON.stringify({ ...folders, ours, tokens, site: SITE, blas: existsSync(BLAS) ? BLAS : null });
  const { stdout } = await execa(String(python), [REFERENCE], { input, stderr: 'inherit' });
  return JSON.parse(stdout.split('\n').at(-1) as string);
}
