import { promisify } from 'node:util';
import { zlib } from '../foundation/system/late-modules.ts';
import { Slice } from '../foundation/values/values.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { router } from '../runtime/runtime.ts';

/** Bytes for the file; an array's values, or bytes deflated, which come back as a Buffer. */
export type WriteStep =
  | { readonly kind: 'write'; readonly bytes: Uint8Array }
  | { readonly kind: 'values'; readonly tensor: Tensor }
  | { readonly kind: 'deflate'; readonly bytes: Uint8Array; readonly last: boolean };

/** A format's writer, written once for synchronous and asynchronous targets. */
export type Writing = Generator<WriteStep, void, Buffer>;

export interface Sink {
  write(bytes: Uint8Array): void;
}

export interface AsyncSink {
  write(bytes: Uint8Array): Promise<void>;
}

const NOTHING = Buffer.alloc(0);
/** Larger arrays are read part by part, so that a copy of a whole one is never made. */
const PART_BYTES = 64 * 2 ** 20;
const LARGEST_AXIS = 2 ** 31 - 1;

export function runWriting(sink: Sink, writing: Writing): void {
  let next = writing.next();
  while (next.done !== true) {
    const step = next.value;
    if (step.kind === 'write') sink.write(step.bytes);
    next = writing.next(
      step.kind === 'values'
        ? asBuffer(router.read(step.tensor))
        : step.kind === 'deflate'
          ? zlib().deflateRawSync(step.bytes, flush(step.last))
          : NOTHING,
    );
  }
}

export async function runWritingAsync(sink: AsyncSink, writing: Writing): Promise<void> {
  let next = writing.next();
  while (next.done !== true) {
    const step = next.value;
    if (step.kind === 'write') await sink.write(step.bytes);
    next = writing.next(
      step.kind === 'values'
        ? asBuffer(await router.readAsync(step.tensor))
        : step.kind === 'deflate'
          ? await deflateAsync(step.bytes, flush(step.last))
          : NOTHING,
    );
  }
}

function deflateAsync(bytes: Uint8Array, options: object): Promise<Buffer> {
  return (promisify(zlib().deflateRaw) as (bytes: Uint8Array, options: object) => Promise<Buffer>)(bytes, options);
}

/** Parts that end on a byte may follow each other and make one deflated stream. */
function flush(last: boolean): object {
  const { constants } = zlib();
  return { finishFlush: last ? constants.Z_FINISH : constants.Z_SYNC_FLUSH };
}

function asBuffer(bytes: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An array's row-major bytes, part by part, each handed to `use`. */
export function* values(tensor: Tensor, use: (bytes: Buffer, last: boolean) => Writing): Writing {
  let previous: Buffer | undefined;
  for (const { part, isOwn } of parts(tensor)) {
    if (previous !== undefined) yield* use(previous, false);
    previous = yield { kind: 'values', tensor: part };
    if (isOwn) router.residency.dispose(part);
  }
  yield* use(previous ?? NOTHING, true);
}

function* parts(tensor: Tensor): Generator<{ part: Tensor; isOwn: boolean }> {
  const { shape, dtype } = router.info(tensor);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const whole = size * dtype.size <= PART_BYTES || shape.length === 0;
  // What is held by Python is read whole: slicing it here would move it.
  if (whole || tensor.native === null) {
    yield { part: tensor, isOwn: false };
  } else if (size > LARGEST_AXIS) {
    for (let i = 0; i < (shape[0] as number); i++) {
      yield* parts(native('index', tensor, [i]));
    }
  } else {
    const flat = shape.length === 1 ? tensor : native('reshape', tensor, [size]);
    const step = PART_BYTES / dtype.size;
    for (let start = 0; start < size; start += step) {
      yield { part: native('index', flat, [new Slice(start, Math.min(size, start + step), null)]), isOwn: true };
    }
  }
}

function native(operation: string, ...args: unknown[]): Tensor {
  return router.call(router.prepare(operation), [...args, { implementation: 'native' }]) as Tensor;
}
