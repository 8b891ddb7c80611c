import type { Readable } from 'node:stream';

const COLOURS = [36, 33, 32, 35, 34, 31];

/** Prints what comes, a whole line at a time and with the number of its process before it. */
export function prefixLines(from: Readable, to: NodeJS.WriteStream, rank: number, size: number): void {
  const label = `[${String(rank).padStart(String(size - 1).length)}]`;
  const isColoured = to.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  const prefix = isColoured ? `\u001b[${COLOURS[rank % COLOURS.length]}m${label}\u001b[39m ` : `${label} `;
  let rest = '';
  const write = (lines: readonly string[]): void => {
    if (to.write(lines.map((line) => `${prefix}${line}\n`).join(''))) return;
    // Its reader is slow: the processes wait for it, as they would without a launcher.
    from.pause();
    to.once('drain', () => from.resume());
  };
  from.setEncoding('utf8');
  from.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    if (lines.length > 0) write(lines);
  });
  from.on('end', () => {
    if (rest !== '') write([rest]);
  });
}
