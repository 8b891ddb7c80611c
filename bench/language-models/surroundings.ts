import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { makeTemporaryFolder, removeTemporaryFolder, sweepOnce } from '../../foundation/system/temporary-folder.ts';
import { internals } from '../../mlx/index.ts';
import type { Surroundings } from '../measure.ts';
import { installLlama, llamaPeer, llamaProblem } from './llama-cpp.ts';
import { type ModelChoice, prepareModels } from './prepare.ts';
import { VARIABLE } from './setting.ts';

/** What `npm run models` installs from; elsewhere there is no such command. */
const MLX_LM = 'mlx-lm==0.32.2';

export interface LanguageModelChoice extends ModelChoice {
  /** Whether to install what is measured beside and is missing. */
  readonly peers?: boolean | undefined;
}

export interface LanguageModelSurroundings extends Surroundings {
  /** What is measured, for a person. */
  readonly models: { readonly language: string; readonly encoder: string };
  /** Removes the files. */
  end(): void;
}

/** Makes what the rows of the suite `lm` need: models in files, in a folder that goes with this process. */
export async function surroundLanguageModels(choice: LanguageModelChoice = {}): Promise<LanguageModelSurroundings> {
  sweepOnce(tmpdir());
  const folder = makeTemporaryFolder(tmpdir());
  const setting = await prepareModels(folder, choice);
  if (choice.peers && llamaProblem(setting.gguf)?.startsWith('not installed')) await installLlama();
  const env = { [VARIABLE]: JSON.stringify(setting) };
  const { python } = internals.pythonBackend.status(false).details;
  const isCheckout = existsSync(join(packageRoot(), 'package-lock.json'));
  return {
    env,
    peers: [llamaPeer(setting.gguf, env)],
    remedy: isCheckout ? '"npm run models"' : `"${python} -m pip install ${MLX_LM}"`,
    models: {
      language: setting.gguf === null ? nameOf(choice.model) : basename(setting.gguf),
      encoder: setting.encoder.startsWith(folder) ? 'random weights' : setting.encoder.split('/').slice(-2).join('/'),
    },
    end: () => removeTemporaryFolder(folder),
  };
}

function nameOf(model: ModelChoice['model']): string {
  return typeof model === 'string' ? basename(model) : 'random weights';
}
