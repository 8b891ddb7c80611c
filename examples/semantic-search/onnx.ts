import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execa } from 'execa';
import { core as mx } from '../../mlx/index.ts';
import { pythonProgram } from '../shared/python.ts';
import { HERE, ONNX } from './folders.ts';
import type { Way } from './ways.ts';

const NPM = '@huggingface/transformers@4.3.1';
const PYTHON = ['onnx==1.23.2', 'protobuf==7.36.2', 'ml_dtypes==0.6.0', 'typing_extensions==4.16.0'];
const SITE = join(ONNX, 'site');
const BATCH = 32;

/** What is used of @huggingface/transformers, whose types are not there until it is installed. */
interface Transformers {
  readonly env: { localModelPath: string; allowRemoteModels: boolean };
  pipeline(task: string, model: string, options: object): Promise<Extractor>;
}
type Extractor = (texts: string[], options: object) => Promise<{ data: Float32Array; dims: number[] }>;

export const hasTransformers = (): boolean => existsSync(join(ONNX, 'node_modules', '@huggingface', 'transformers'));

/** Installs ONNX Runtime with its tokenizers, and what writes a model for it, if they are not there yet.
 * @returns whether they are there now; the console says why not. */
export async function installTransformers(): Promise<boolean> {
  if (hasTransformers() && existsSync(join(SITE, 'onnx'))) return true;
  console.log(`Installing ${NPM} and ${PYTHON[0]} into build/semantic-search/onnx (500 MB, once)…`);
  await mkdir(ONNX, { recursive: true });
  await writeFile(join(ONNX, 'package.json'), '{ "private": true }\n');
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--upgrade', '--target', SITE, ...PYTHON];
  // Its binary for this machine comes in the package; scripts would fetch others.
  const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', NPM];
  const ends = [
    await execa(await pythonProgram(), pip, { stdio: 'inherit', reject: false }),
    await execa('npm', npm, { cwd: ONNX, stdio: 'inherit', reject: false }),
  ];
  return ends.every(({ exitCode }) => exitCode === 0);
}

/** The same weights in @huggingface/transformers, the texts of about one length together as the other ways have them. */
export async function onnxEncoder(folder: string): Promise<Way['embed']> {
  const models = join(ONNX, 'models');
  const env = { PYTHONPATH: SITE };
  await execa(await pythonProgram(), [join(HERE, 'export_onnx.py'), folder, join(models, 'encoder')], {
    env,
    stdio: 'inherit',
  });
  const transformers: Transformers = createRequire(join(ONNX, 'package.json'))('@huggingface/transformers');
  transformers.env.localModelPath = models;
  transformers.env.allowRemoteModels = false;
  const extract = await transformers.pipeline('feature-extraction', 'encoder', { dtype: 'fp32' });
  return async (texts) => {
    const start = performance.now();
    const byLength = texts.map((_, place) => place).sort((a, b) => lengthOf(texts, a) - lengthOf(texts, b));
    const parts: mx.Array[] = [];
    for (let first = 0; first < byLength.length; first += BATCH) {
      const batch = byLength.slice(first, first + BATCH).map((place) => texts[place] as string);
      const { data, dims } = await extract(batch, { pooling: 'mean', normalize: true });
      parts.push(mx.array(data).reshape(dims));
    }
    const places = mx.argsort(mx.array(byLength));
    const vectors = mx.take(mx.concatenate(parts, 0), places, 0);
    mx.eval(vectors);
    return { vectors, seconds: (performance.now() - start) / 1000 };
  };
}

const lengthOf = (texts: readonly string[], place: number): number => texts[place]?.length ?? 0;
