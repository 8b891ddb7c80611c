import { fileURLToPath } from 'node:url';
import { configure, type core as mx, registry } from '../../mlx/index.ts';

const MODULE = 'digits_features';

/** Registers the operations of `digits_features.py`, which Python runs until they are ported. */
export function registerFeatures() {
  configure({ pythonModules: [MODULE], pythonFolders: [fileURLToPath(new URL('.', import.meta.url))] });
  const deskew = registry.register({
    name: 'digits.deskew',
    python: `${MODULE}:deskew`,
    doc: 'Images (n, height, width), straightened and centred.',
  });
  return { deskew: (images: mx.Array) => deskew(images) as mx.Array };
}
