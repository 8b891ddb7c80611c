import type { TensorInfo } from '../registry/backend.ts';
import type { Tensor } from './tensor.ts';
import { tensorsOf } from './tree.ts';

/** What shadowing one call found; `difference` is undefined where both backends agree bit for bit. */
export interface ShadowReport {
  readonly operation: string;
  readonly difference: string | undefined;
}

type Contents = TensorInfo & { readonly bytes: Uint8Array };

/** Runs the call on the other side and holds its result against the one that the caller gets. */
export function compareCalls(
  operation: string,
  result: unknown,
  runOther: () => unknown,
  contents: (tensor: Tensor) => Contents,
): ShadowReport {
  let other: unknown;
  try {
    other = runOther();
  } catch (error) {
    return { operation, difference: `the other backend failed: ${error instanceof Error ? error.message : error}` };
  }
  const [mine, theirs] = [tensorsOf(result), tensorsOf(other)];
  if (mine.length !== theirs.length) {
    return { operation, difference: `${mine.length} tensors against ${theirs.length}` };
  }
  for (const [i, tensor] of mine.entries()) {
    const difference = compareContents(contents(tensor), contents(theirs[i] as Tensor));
    if (difference !== undefined) return { operation, difference: `result ${i}: ${difference}` };
  }
  return { operation, difference: undefined };
}

function compareContents(a: Contents, b: Contents): string | undefined {
  if (a.dtype !== b.dtype) return `dtype ${a.dtype.name} against ${b.dtype.name}`;
  if (String(a.shape) !== String(b.shape)) return `shape [${a.shape}] against [${b.shape}]`;
  const at = a.bytes.findIndex((byte, i) => byte !== b.bytes[i]);
  return at === -1 ? undefined : `element ${Math.floor(at / a.dtype.size)} differs`;
}
