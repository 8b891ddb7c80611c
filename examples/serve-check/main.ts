// Serves SmolLM2, natively, and then a small model of an architecture that only mlx_lm has, and talks to both with the
// client of OpenAI.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import * as lm from '../../lm/index.ts';
import { serve } from '../../lm/serve/index.ts';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { configure, internals, shutdown } from '../../mlx/index.ts';
import { MODEL, SITE } from '../chat-demo/folders.ts';
import { Checks } from './checks.ts';
import { converse } from './conversation.ts';

const RANDOM_MODEL = fileURLToPath(new URL('random_model.py', import.meta.url));

/** A state space model, which keeps no keys and values. */
const MAMBA = {
  model_type: 'mamba',
  vocab_size: 259,
  hidden_size: 32,
  intermediate_size: 64,
  state_size: 8,
  num_hidden_layers: 2,
  conv_kernel: 4,
  use_bias: false,
  use_conv_bias: true,
  time_step_rank: 4,
  max_position_embeddings: 2048,
  eos_token_id: 258,
};

async function writeMamba(folder: string): Promise<void> {
  writeTinyModel(folder);
  await writeFile(join(folder, 'config.json'), JSON.stringify(MAMBA));
  const { python } = internals.pythonBackend.status(false).details;
  await execa(String(python), [RANDOM_MODEL, folder, SITE], { stderr: 'inherit' });
}

const checks = new Checks();

/** @param expected what is in the answer to the question for the capital of France */
async function run(path: string, expected: string): Promise<void> {
  using model = await lm.load(path);
  const server = await serve(model, { port: 0 });
  console.log(`\n${server.model}: ${model.architecture}, ${model.implementation} (${model.reason})`);
  try {
    await converse(server, checks, expected);
  } finally {
    await checks.check('the end', async () => {
      await server.close();
      return 'the server closed';
    });
  }
}

const folder = await mkdtemp(join(tmpdir(), 'mlx-router-serve-check-'));
try {
  if (!existsSync(MODEL)) throw new Error('The model is not there: "npm run serve-check" installs it.');
  configure({ pythonFolders: [SITE] });
  await run(MODEL, 'Paris');
  await writeMamba(join(folder, 'mamba'));
  await run(join(folder, 'mamba'), '');
  console.log(checks.failed === 0 ? '\nAll is as it should be.' : `\n${checks.failed} checks failed.`);
} finally {
  await shutdown();
  await rm(folder, { recursive: true });
}
process.exitCode = checks.failed === 0 ? 0 : 1;
