import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { execa } from 'execa';
import { FileError } from '../../mlx/index.ts';
import { pythonProgram } from '../shared/python.ts';
import type { Command } from './decode.ts';
import { CHECKPOINT, HERE, SITE, TOOLS, WEIGHTS } from './folders.ts';

const NPM = 'sharp@0.34.5';

/** What is used of sharp, whose types are not there until it is installed. */
export type Sharp = (pixels: Uint8Array, options: object) => Picture;
interface Picture {
  extend(edges: object): Picture;
  composite(pictures: object[]): Picture;
  raw(): Picture;
  webp(options: object): Picture;
  toBuffer(): Promise<Buffer>;
}

/** The ffmpeg that imageio-ffmpeg carries. @throws FileError if it is not installed. */
export function ffmpeg(): Command {
  const folder = join(SITE, 'imageio_ffmpeg', 'binaries');
  const file = existsSync(folder) ? readdirSync(folder).find((name) => name.startsWith('ffmpeg-')) : undefined;
  if (file === undefined) throw new FileError('ffmpeg is not installed: "npm run video" does that');
  return [join(folder, file)];
}

/** sharp, installed if it is not there yet. Its binary for this machine comes in the package. */
export async function loadSharp(): Promise<Sharp> {
  if (!existsSync(join(TOOLS, 'node_modules', 'sharp'))) {
    console.log(`Installing ${NPM} into build/video/tools…`);
    await mkdir(TOOLS, { recursive: true });
    await writeFile(join(TOOLS, 'package.json'), '{ "private": true }\n');
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--save-exact'];
    await execa('npm', ['install', ...options, NPM], { cwd: TOOLS, stdio: 'inherit' });
  }
  return createRequire(join(TOOLS, 'package.json'))('sharp');
}

/** Makes MLX's weights of the checkpoint, once. What is interrupted leaves no file under the final name. */
export async function convertWeights(): Promise<void> {
  if (existsSync(WEIGHTS)) return;
  const unfinished = `${WEIGHTS}.${process.pid}.safetensors`;
  await execa(await pythonProgram(), [join(HERE, 'weights.py'), CHECKPOINT, unfinished], { stdio: 'inherit' });
  await rename(unfinished, WEIGHTS);
}
