/** Loads a file and saves its arrays in every format, where there is no addon. Arguments: the folder, the file. */
import { join } from 'node:path';
import { internals, core as mx, shutdown } from '../../mlx/index.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';

const [folder, file] = process.argv.slice(2) as [string, string];

const lists = (arrays: Record<string, Tensor>) =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.tolist()]));

const given = mx.load(file);
const path = (format: string) => join(folder, `from-python.${format}`);
mx.savezCompressed(path('npz'), given);
await mx.saveSafetensorsAsync(path('safetensors'), given);
mx.saveGguf(path('gguf'), given);
const again = Object.fromEntries(
  ['npz', 'safetensors', 'gguf'].map((format) => [format, lists(mx.load(path(format)))]),
);
const native = internals.nativeBackend.status(true).available;
process.stdout.write(JSON.stringify({ native, given: lists(given), ...again }));
await shutdown();
