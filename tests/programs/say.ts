import { createHash } from 'node:crypto';
import type { core as mx } from '../../mlx/index.ts';

/** Notes what a program has to say of arrays, by the name of the thing. */
export type Say = (name: string, ...arrays: mx.Array[]) => void;

/** Each array as a line: name, shape, dtype, a digest of all its bits, and its text. `say.py` writes the same. */
export function lines(program: (say: Say) => void): string[] {
  const said: string[] = [];
  program((name, ...arrays) => {
    for (const array of arrays) {
      const { buffer, byteOffset, byteLength } = array.toTypedArray();
      const digest = createHash('md5')
        .update(new Uint8Array(buffer, byteOffset, byteLength))
        .digest('hex');
      said.push(`${name} [${array.shape}] ${array.dtype} ${digest} ${array}`);
    }
  });
  return said;
}
