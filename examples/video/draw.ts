import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FileError } from '../../mlx/index.ts';
import { escape } from '../shared/html.ts';
import type { Guess } from './classifier.ts';
import type { Command, Frame } from './decode.ts';
import type { Sharp } from './tools.ts';

const LINE = 22;

/** The square that was classified, and a line with a bar for each guess below the picture. */
function overlay({ width, height }: Frame, guesses: readonly Guess[], names: readonly string[]): string {
  const left = Math.floor((width - height) / 2);
  const lines = guesses.map(({ label, probability }, i) => {
    const y = height + i * LINE;
    return `<rect x="0" y="${y + 3}" width="${(width * probability).toFixed(1)}" height="${LINE - 6}" fill="#2a6fb8"/>
<text x="8" y="${y + 16}">${escape(names[label] ?? String(label))} ${(100 * probability).toFixed(0)} %</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + guesses.length * LINE}">
<style>text { font: 14px sans-serif; fill: #fff; }</style>
<rect x="${left + 0.5}" y="0.5" width="${height - 1}" height="${height - 1}" fill="none" stroke="#fff" stroke-opacity=".6"/>
${lines.join('\n')}</svg>`;
}

/** The frame with its guesses. */
export async function draw(
  sharp: Sharp,
  frame: Frame,
  guesses: readonly Guess[],
  names: readonly string[],
): Promise<Frame> {
  const { width, height, pixels } = frame;
  const bottom = guesses.length * LINE;
  const drawn = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .extend({ bottom, background: '#151618' })
    .composite([{ input: Buffer.from(overlay(frame, guesses, names)) }])
    .raw()
    .toBuffer();
  // sharp adds a channel for what is transparent.
  const channels = drawn.length / (width * (height + bottom));
  const colours = channels === 3 ? drawn : drawn.filter((_, i) => i % channels < 3);
  return { width, height: height + bottom, pixels: colours };
}

/** Writes frames as an animated WebP file, one after the other: while ffmpeg is busy, no further frame is taken. */
export async function encode(
  [program, ...before]: Command,
  frames: AsyncIterable<Frame>,
  file: string,
  perSecond: number,
): Promise<number> {
  let child: ReturnType<typeof start> | undefined;
  const start = ({ width, height }: Frame) => {
    const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-s', `${width}x${height}`, '-r', String(perSecond), '-i', '-'];
    const webp = ['-c:v', 'libwebp_anim', '-quality', '60', '-loop', '0', file];
    const child = spawn(program, [...before, '-v', 'error', '-y', ...raw, ...webp], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child.stdin.on('error', () => {}); // What ended it is thrown below.
    return { child, ended: once(child, 'close') };
  };
  let count = 0;
  try {
    for await (const frame of frames) {
      child ??= start(frame);
      if (!child.child.stdin.write(frame.pixels)) {
        await Promise.race([once(child.child.stdin, 'drain'), child.ended]);
      }
      if (child.child.exitCode !== null) break;
      count++;
    }
  } finally {
    child?.child.stdin.end();
  }
  const [code] = (await child?.ended) ?? [];
  if (code !== 0) throw new FileError(`${file} could not be written: ffmpeg ended with ${code}`);
  return count;
}
