import * as dtypes from '../foundation/values/dtypes.ts';
import { malformed, type Reading, readRange } from './reading.ts';
import { elementsOf, type StoredArray, type StoredFile, shown } from './stored.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** NumPy's own headers have a few hundred bytes. */
const HEADER_LIMIT = 1 << 20;

const DTYPES: ReadonlyMap<string, dtypes.Dtype> = new Map([
  ['b1', dtypes.bool],
  ['u1', dtypes.uint8],
  ['u2', dtypes.uint16],
  ['u4', dtypes.uint32],
  ['u8', dtypes.uint64],
  ['i1', dtypes.int8],
  ['i2', dtypes.int16],
  ['i4', dtypes.int32],
  ['i8', dtypes.int64],
  ['f2', dtypes.float16],
  ['f4', dtypes.float32],
  ['f8', dtypes.float64],
  // NumPy has no bfloat16: two bytes of void stand for it, as MLX and ml_dtypes write them.
  ['V2', dtypes.bfloat16],
  ['c8', dtypes.complex64],
]);
const NAMES = new Map([...DTYPES].map(([name, dtype]) => [dtype, name]));

/** Reads and checks an npy file of that size, which holds one array; its name is "". */
export function* readNpy(size: number): Reading<StoredFile> {
  return { arrays: new Map([['', yield* readNpyArray(size)]]), metadata: new Map() };
}

/** Versions 1 to 3, both orders, both endians. */
export function* readNpyArray(size: number): Reading<StoredArray> {
  if (size < 10) malformed(`it has ${size} bytes, too few for a header`);
  const head = yield* readRange(size, 0, Math.min(12, size));
  if (!head.subarray(0, 6).equals(MAGIC)) malformed('it does not start as one does');
  const version = head[6] as number;
  if (version < 1 || version > 3) malformed(`it has the unknown version ${version}.${head[7]}`);
  const start = version === 1 ? 10 : 12;
  if (head.length < start) malformed('its header is cut off');
  const length = version === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8);
  if (length > HEADER_LIMIT) malformed(`its header claims ${length} bytes`);
  const text = (yield* readRange(size, start, length)).toString(version === 3 ? 'utf8' : 'latin1');
  const { descr, fortran, shape } = parseHeader(text);
  const dtype = DTYPES.get(descr.slice(1));
  if (dtype === undefined || !'<>|='.includes(descr[0] as string)) malformed(`MLX has no dtype for ${shown(descr)}`);
  const bytes = elementsOf(shape, 'it') * dtype.size;
  const offset = start + length;
  if (offset + bytes > size) malformed(`it needs ${bytes} bytes of data, but has ${size - offset}`);
  const stored = { dtype, shape: fortran ? [...shape].reverse() : shape, ...(fortran ? { transposed: true } : {}) };
  if (descr[0] !== '>' || dtype.size === 1) return { ...stored, data: { offset, length: bytes } };
  return { ...stored, data: littleEndian(yield* readRange(size, offset, bytes), dtype) };
}

function littleEndian(bytes: Buffer, dtype: dtypes.Dtype): Buffer {
  const own = Buffer.from(bytes);
  const unit = dtype === dtypes.complex64 ? 4 : dtype.size;
  if (unit === 2) return own.swap16();
  return unit === 4 ? own.swap32() : own.swap64();
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: number[];
}

const TOKEN = /\s*('[^'\\]*'|"[^"\\]*"|True|False|\d+L?|[{}():,])/y;

/** The header is a Python literal: a dict of exactly these three. */
function parseHeader(text: string): Header {
  const fail = (): never => malformed(`its header is ${shown(text.trim())}`);
  TOKEN.lastIndex = 0;
  const next = (): string => TOKEN.exec(text)?.[1] ?? fail();
  const expect = (token: string): void => {
    if (next() !== token) fail();
  };
  const found = new Map<string, string | boolean | number[]>();
  const shape = (): number[] => {
    const extents: number[] = [];
    for (let token = next(); token !== ')'; token = next()) {
      if (!/^\d/.test(token)) fail();
      extents.push(Number.parseInt(token, 10));
      token = next();
      if (token === ')') return extents;
      if (token !== ',') fail();
    }
    return extents;
  };
  expect('{');
  for (let token = next(); token !== '}'; token = next()) {
    const key = token.slice(1, -1);
    if (!/^['"]/.test(token) || found.has(key)) fail();
    expect(':');
    const value = next();
    if (value === '(') found.set(key, shape());
    else if (/^['"]/.test(value)) found.set(key, value.slice(1, -1));
    else if (value === 'True' || value === 'False') found.set(key, value === 'True');
    else fail();
    token = next();
    if (token === '}') break;
    if (token !== ',') fail();
  }
  const { descr, fortran_order: fortran, shape: extents } = Object.fromEntries(found);
  const rest = text.slice(TOKEN.lastIndex).trim();
  if (found.size !== 3 || typeof descr !== 'string' || typeof fortran !== 'boolean' || !Array.isArray(extents)) fail();
  if (rest !== '' || descr === '') fail();
  return { descr: descr as string, fortran: fortran as boolean, shape: extents as number[] };
}

/** The header of an npy file as NumPy writes it, the data after it aligned to 64 bytes. */
export function npyHeader(dtype: dtypes.Dtype, shape: readonly number[]): Buffer {
  const descr = `${dtype.size === 1 ? '|' : '<'}${NAMES.get(dtype)}`;
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${extents}), }`;
  const wide = text.length + 64 > 0xffff;
  const start = wide ? 12 : 10;
  const padded = Math.ceil((start + text.length + 1) / 64) * 64;
  const header = Buffer.alloc(padded, ' ');
  MAGIC.copy(header);
  header[6] = wide ? 2 : 1;
  header[7] = 0;
  if (wide) header.writeUInt32LE(padded - start, 8);
  else header.writeUInt16LE(padded - start, 8);
  header.write(text, start, 'latin1');
  header[padded - 1] = 0x0a;
  return header;
}
