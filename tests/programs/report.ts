import { createHash } from 'node:crypto';
import type { core as mx } from '../../mlx/index.ts';

/** Notes arrays of a program, under a name. */
export type Report = (name: string, ...arrays: mx.Array[]) => void;

/** Each array as a line: name, shape, dtype, a digest of all its bits, and its text. `report.py` writes the same. */
export function lines(program: (report: Report) => void): string[] {
  const reported: string[] = [];
  program((name, ...arrays) => {
    for (const array of arrays) {
      const { buffer, byteOffset, byteLength } = array.toTypedArray();
      const digest = createHash('md5')
        .update(new Uint8Array(buffer, byteOffset, byteLength))
        .digest('hex');
      reported.push(`${name} [${array.shape}] ${array.dtype} ${digest} ${array}`);
    }
  });
  return reported;
}
