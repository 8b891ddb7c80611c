import { fileURLToPath } from 'node:url';
import { BackendUnavailableError, configure, core as mx, registry, routing } from '../../mlx/index.ts';
import { PIXELS } from './dataset.ts';

const MODULE = 'digits_features';
/** How many digits are kept to be shown. */
const SHOWN = 8;

/** The operations of `digits_features.py`, which Python runs until they are ported. */
export interface Features {
  /** Images (n, height, width), straightened and centred; the same shape. @throws BackendUnavailableError */
  readonly deskew: (images: mx.Array) => mx.Array;
}

/** Lets Python's module in and registers its operations. To be called before Python is used. */
export function registerFeatures(): Features {
  configure({ pythonModules: [MODULE], pythonFolders: [fileURLToPath(new URL('.', import.meta.url))] });
  const deskew = registry.register<mx.Array>({
    name: 'digits.deskew',
    python: `${MODULE}:deskew`,
    doc: 'Images (n, height, width), straightened and centred.',
  });
  return { deskew: (images) => deskew(images) };
}

/** What the Python step did, in a line, and some digits before and after it; none where it was skipped. */
export interface PythonStep {
  readonly text: string;
  readonly before: readonly ArrayLike<number>[];
  readonly after: readonly ArrayLike<number>[];
}

/** The images straightened; where there is no Python, as they are. */
export function straighten(images: mx.Array, deskew: Features['deskew']): { images: mx.Array; step: PythonStep } {
  try {
    const running = routing.table().some(({ implementation }) => implementation === 'python');
    const start = performance.now();
    const straight = deskew(images);
    mx.eval(straight);
    const time = (performance.now() - start).toFixed(0);
    const duration = running ? `${time} ms` : `${time} ms with Python's start`;
    const text = `Straightened and centred by deskew of ${MODULE}.py, in ${duration}`;
    return { images: straight, step: { text, before: pictures(images), after: pictures(straight) } };
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error;
    return { images, step: { text: `Skipped, Python alone has it: ${error.message}`, before: [], after: [] } };
  }
}

function pictures(images: mx.Array): ArrayLike<number>[] {
  const pixels = images.index(mx.Slice(0, SHOWN)).toTypedArray() as Float32Array;
  return Array.from({ length: pixels.length / PIXELS }, (_, i) => pixels.subarray(i * PIXELS, (i + 1) * PIXELS));
}
