import type { Dtype } from '../foundation/values/dtypes.ts';

interface Layout {
  readonly bytes: 1 | 2 | 4 | 8;
  /** Bits of an infinity: anything above it is NaN. undefined: the elements are no floats. */
  readonly infinity?: bigint;
}

const FLOATS: Partial<Record<Dtype['name'], Layout>> = {
  float16: { bytes: 2, infinity: 0x7c00n },
  bfloat16: { bytes: 2, infinity: 0x7f80n },
  float32: { bytes: 4, infinity: 0x7f80_0000n },
  complex64: { bytes: 4, infinity: 0x7f80_0000n },
  float64: { bytes: 8, infinity: 0x7ff0_0000_0000_0000n },
};

function read(bytes: Uint8Array<ArrayBuffer>, { bytes: size }: Layout, signed: boolean): (i: number) => bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (size) {
    case 1:
      return (i) => BigInt(signed ? view.getInt8(i) : view.getUint8(i));
    case 2:
      return (i) => BigInt(signed ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true));
    case 4:
      return (i) => BigInt(signed ? view.getInt32(4 * i, true) : view.getUint32(4 * i, true));
    case 8:
      return (i) => (signed ? view.getBigInt64(8 * i, true) : view.getBigUint64(8 * i, true));
  }
}

/** The place of the float among all floats of its dtype; -0 comes just before +0, so every bit counts. */
function place(bits: bigint, { bytes }: Layout): bigint {
  const sign = 1n << BigInt(bytes * 8 - 1);
  return bits < sign ? bits : sign - 1n - bits;
}

export interface Worst {
  /** Infinite where one is NaN, or both are with other bits. */
  readonly ulp: number;
  /** The element that it was found at. */
  readonly element: number;
}

/** The greatest distance between two elements at the same place, in units of the last place; of integers, in ones. */
export function worstUlp(a: Uint8Array<ArrayBuffer>, b: Uint8Array<ArrayBuffer>, dtype: Dtype): Worst {
  const layout = FLOATS[dtype.name] ?? { bytes: dtype.size as Layout['bytes'] };
  const signed = dtype.kind === 'int';
  const [readA, readB] = [read(a, layout, signed), read(b, layout, signed)];
  const parts = a.byteLength / layout.bytes;
  let worst = { ulp: 0, element: 0 };
  for (let i = 0; i < parts; i++) {
    const ulp = distance(readA(i), readB(i), layout);
    if (ulp > worst.ulp) worst = { ulp, element: Math.floor((i * layout.bytes) / dtype.size) };
  }
  return worst;
}

function distance(a: bigint, b: bigint, layout: Layout): number {
  if (a === b) return 0;
  if (layout.infinity === undefined) return Math.abs(Number(a - b));
  const magnitude = (1n << BigInt(layout.bytes * 8 - 1)) - 1n;
  if ((a & magnitude) > layout.infinity || (b & magnitude) > layout.infinity) return Number.POSITIVE_INFINITY;
  return Math.abs(Number(place(a, layout) - place(b, layout)));
}
