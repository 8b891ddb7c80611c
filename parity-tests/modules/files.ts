import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder, removeTemporaryFolder } from '../../foundation/system/temporary-folder.ts';

let folder: string | undefined;
let count = 0;

/** Gives two paths of files, one that is written here and one that Python writes; both are removed afterwards. */
export function withFiles<T>(use: (here: string, there: string) => T): T {
  if (folder === undefined) {
    const made = makeTemporaryFolder(tmpdir());
    process.once('exit', () => removeTemporaryFolder(made));
    folder = made;
  }
  count++;
  const [here, there] = ['here', 'there'].map((side) => join(folder as string, `${count}-${side}.safetensors`));
  try {
    return use(here as string, there as string);
  } finally {
    for (const file of [here, there]) rmSync(file as string, { force: true });
  }
}
