import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { FileError } from '../../mlx/index.ts';

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Red, green and blue of each pixel, by rows. */
  readonly pixels: Uint8Array;
}

/** What is run to decode: ffmpeg, with what stands before its own arguments. */
export type Command = readonly [program: string, ...args: string[]];

const HEADER = /^P6\n(\d+) (\d+)\n255\n/;
const LONGEST_HEADER = 32;
const LONGEST_MESSAGE = 500;

/**
 * The frames of a clip, scaled to a height, as they are asked for: while nobody asks, ffmpeg waits. Of a damaged clip come
 * the frames that can be decoded, and `onDamage` is told what ffmpeg says.
 * @throws FileError for what is no clip at all.
 */
export async function* decode(
  [program, ...before]: Command,
  clip: string,
  height: number,
  onDamage: (message: string) => void = console.warn,
): AsyncGenerator<Frame> {
  const picture = ['-vf', `scale=-2:${height}`, '-f', 'image2pipe', '-c:v', 'ppm', '-'];
  const child = spawn(program, [...before, '-v', 'error', '-nostdin', '-i', clip, ...picture]);
  const ended = once(child, 'close');
  ended.catch(() => {}); // It is thrown below.
  let message = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    message = (message + text).slice(0, LONGEST_MESSAGE);
  });
  try {
    let count = 0;
    for await (const frame of framesIn(child.stdout)) {
      count++;
      yield frame;
    }
    const [code] = await ended;
    if (count === 0) throw new FileError(`${clip} has no pictures that can be decoded: ${firstOf(message) || code}`);
    if (code !== 0 || message !== '') onDamage(`${clip}: ${count} frames, then: ${firstOf(message) || code}`);
  } finally {
    child.kill();
  }
}

/** What ffmpeg said first, without the address of the part of it that said so. */
const firstOf = (message: string): string =>
  message
    .trim()
    .replace(/\n.*/s, '')
    .replace(/^\[.*? @ 0x\w+\] /, '');

/** The pictures of a stream of binary PPM files. A last one that is incomplete is left out. */
async function* framesIn(stream: Readable): AsyncGenerator<Frame> {
  let parts: Buffer[] = [];
  let length = 0;
  let wanted = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    while (length > 0 && length >= wanted) {
      const all = Buffer.concat(parts);
      const header = HEADER.exec(all.toString('latin1', 0, LONGEST_HEADER));
      if (header === null && length >= LONGEST_HEADER)
        throw new FileError('the decoder gave something else than pictures');
      if (header === null) break;
      const [start, width, height] = [header[0].length, Number(header[1]), Number(header[2])];
      wanted = start + 3 * width * height;
      parts = [all];
      if (length < wanted) break;
      yield { width, height, pixels: all.subarray(start, wanted) };
      parts = [all.subarray(wanted)];
      length -= wanted;
      wanted = 0;
    }
  }
}
