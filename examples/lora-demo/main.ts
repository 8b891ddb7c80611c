// A language model of 135 million weights learns from this repository's documentation; mlx_lm then uses what was trained.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as lm from '../../lm/index.ts';
import { runExample } from '../shared/run.ts';
import { type Checked, checkInPython } from './check.ts';
import { writeDatasets } from './documents.ts';
import { fineTune } from './fine-tune.ts';
import { DOCUMENTS, MODEL, WORK } from './folders.ts';

const ITERATIONS = 60;
const LAYERS = 4;

const at = (name: string): string => join(WORK, name);

/** A model of a .gguf file as a folder in Hugging Face's layout, with weights in float32, which is what is trained. */
async function writeModel(folder: string): Promise<void> {
  using model = await lm.load(MODEL, { weights: 'dequantized' });
  await model.save(folder);
}

function row(name: string, { count, equal, largest }: Checked): string {
  const share = equal === count ? 'all of the same bits' : `${equal} of ${count} of the same bits`;
  return `  ${name.padEnd(24)}${share}, largest difference ${largest.toPrecision(2)}`;
}

async function run(): Promise<boolean> {
  if (!existsSync(MODEL)) {
    console.error('The model is not there: run "npm run lora-demo", which installs it.');
    return false;
  }
  await rm(WORK, { recursive: true, force: true });
  await mkdir(WORK, { recursive: true });
  const folders = { model: at('model'), adapters: at('adapters'), fused: at('fused') };
  const { train, valid } = await writeDatasets(DOCUMENTS, at('data'));
  console.log(`${train} texts of docs/ to learn, ${valid} to validate with`);
  await writeModel(folders.model);
  const start = performance.now();
  const { before, after } = await fineTune({
    model: folders.model,
    data: at('data'),
    adapters: folders.adapters,
    iterations: ITERATIONS,
    numLayers: LAYERS,
    onReport: ({ iteration, loss, tokensPerSecond }) =>
      console.log(
        `  iteration ${String(iteration).padStart(3)}: loss ${loss.toFixed(3)}, ${tokensPerSecond.toFixed(0)} tokens/s`,
      ),
  });
  console.log(`trained ${LAYERS} blocks in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  console.log(`validation loss ${before.toFixed(3)} before, ${after.toFixed(3)} after`);
  await lm.fuse({ from: folders.model, adapters: folders.adapters, to: folders.fused });
  const text = await readFile(join(DOCUMENTS, 'memory.md'), 'utf8');
  const { adapters, fused } = await checkInPython(folders, text);
  console.log('The scores of mlx_lm beside ours:');
  console.log(row('with the adapters', adapters));
  console.log(row('with the fused weights', fused));
  return after < before && adapters.largest === 0 && fused.largest === 0;
}

await runExample(run);
