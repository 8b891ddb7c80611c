import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx } from '../../mlx/index.ts';
import { readJson } from '../config/read-config.ts';
import type { NamedWeights } from '../models/model.ts';

const INDEX = 'model.safetensors.index.json';

/** The names of the files that hold the weights, in order. */
async function weightFiles(folder: string): Promise<string[]> {
  const present = (await readdir(folder)).filter((name) => /^model.*\.safetensors$/.test(name)).sort();
  const map = (await readJson(folder, INDEX))?.weight_map;
  if (map === undefined) return present;
  if (typeof map !== 'object' || map === null) throw new FileError(`${join(folder, INDEX)}: "weight_map" is no object`);
  const named = [...new Set(Object.values(map))].sort();
  for (const name of named) {
    // A name that leads out of the folder would read a file of the user's.
    if (typeof name !== 'string' || !/^[^/\\]+\.safetensors$/.test(name)) {
      throw new FileError(
        `${join(folder, INDEX)}: expected names of .safetensors files, received ${JSON.stringify(name)}`,
      );
    }
  }
  const missing = named.filter((name) => !present.includes(name as string));
  if (missing.length > 0) {
    throw new FileError(
      `${folder} lacks ${missing.length} of the ${named.length} files of weights that ${INDEX} names: ` +
        `${missing.slice(0, 5).join(', ')}; download it again`,
    );
  }
  return named as string[];
}

/** All weights of a folder, lazy: a weight is read from its file when it is first needed. */
export async function readWeights(folder: string): Promise<NamedWeights> {
  const files = await weightFiles(folder);
  if (files.length === 0) {
    throw new FileError(`${folder} has no model*.safetensors; weights in other formats are converted with mlx_lm`);
  }
  const parts = files.map((name): NamedWeights => {
    try {
      return mx.load(join(folder, name));
    } catch (error) {
      throw new FileError(`${join(folder, name)}: ${messageOf(error)}`, { cause: error });
    }
  });
  // A name of a file may be any text, `__proto__` too.
  return parts.length === 1 ? (parts[0] as NamedWeights) : Object.assign(Object.create(null), ...parts);
}
