// Reads what a shared library of Linux needs, and changes it in place: nothing moves, so no address in the file is wrong
// afterwards. Only 64-bit little-endian files, as both x86-64 and arm64 have.
import { SetupFailure } from '../setup/failure.mjs';

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const SHT_DYNSYM = 11;
const TAG = { needed: 1n, strtab: 5n, symtab: 6n, soname: 14n, rpath: 15n, runpath: 29n };
const VERSYM = 0x6ffffff0n;
const VERNEED = 0x6ffffffen;
const WEAK = 2;

/**
 * @typedef {{ library: string, name: string, weak: boolean, index: number, at: number, nameAt: number }} Version
 *   a version of another library's symbols that this one asks for
 */

/** @param {Buffer} bytes */
export function isElf(bytes) {
  return bytes.length > 64 && bytes.readUInt32BE(0) === 0x7f454c46;
}

/** @param {Buffer} bytes */
function structure(bytes) {
  if (!isElf(bytes)) throw new SetupFailure('the file is no shared library of Linux');
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new SetupFailure('the library is not of 64 bits, or not little-endian');
  const segments = [];
  const [table, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  for (let at = table; at < table + size * count; at += size) {
    const type = bytes.readUInt32LE(at);
    const [offset, address, length] = [8, 16, 32].map((field) => Number(bytes.readBigUInt64LE(at + field)));
    segments.push({ type, offset, address, length });
  }
  const inFile = (address) => {
    const segment = segments.find(
      (one) => one.type === PT_LOAD && address >= one.address && address < one.address + one.length,
    );
    if (segment === undefined) throw new SetupFailure('the library is damaged: an address lies in no segment');
    return address - segment.address + segment.offset;
  };
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined) throw new SetupFailure('the library has no dynamic section');
  const entries = [];
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.length; at += 16) {
    const tag = bytes.readBigUInt64LE(at);
    if (tag === 0n) break;
    entries.push({ tag, value: Number(bytes.readBigUInt64LE(at + 8)), at });
  }
  const only = (tag) => entries.find((entry) => entry.tag === tag);
  const strings = inFile(only(TAG.strtab)?.value ?? 0);
  const text = (offset) => bytes.toString('latin1', strings + offset, bytes.indexOf(0, strings + offset));
  return { bytes, entries, only, strings, text, inFile };
}

/** @returns {Version[]} */
function versionsOf({ bytes, only, text, inFile }) {
  const start = only(VERNEED);
  if (start === undefined) return [];
  const versions = [];
  for (let at = inFile(start.value); ; ) {
    const library = text(bytes.readUInt32LE(at + 4));
    let entry = at + bytes.readUInt32LE(at + 8);
    for (let left = bytes.readUInt16LE(at + 2); left > 0; left--) {
      const nameAt = bytes.readUInt32LE(entry + 8);
      const weak = (bytes.readUInt16LE(entry + 4) & WEAK) !== 0;
      versions.push({ library, name: text(nameAt), weak, index: bytes.readUInt16LE(entry + 6), at: entry, nameAt });
      entry += bytes.readUInt32LE(entry + 12);
    }
    const next = bytes.readUInt32LE(at + 12);
    if (next === 0) return versions;
    at += next;
  }
}

/** Which undefined symbols want which of the versions, as `name@VERSION`. */
function wantedSymbols({ bytes, only, text, inFile }, versions) {
  const versym = only(VERSYM);
  if (versym === undefined) return [];
  const numbers = inFile(versym.value);
  const symbols = inFile(only(TAG.symtab)?.value ?? 0);
  const byIndex = new Map(versions.map((version) => [version.index, version.name]));
  const wanted = [];
  for (let i = 0; i < symbolCount(bytes); i++) {
    const at = symbols + 24 * i;
    const version = byIndex.get(bytes.readUInt16LE(numbers + 2 * i) & 0x7fff);
    // Of section 0: undefined here.
    if (version !== undefined && bytes.readUInt16LE(at + 6) === 0) {
      wanted.push(`${text(bytes.readUInt32LE(at))}@${version}`);
    }
  }
  return wanted;
}

function symbolCount(bytes) {
  const [table, size, count] = [Number(bytes.readBigUInt64LE(40)), bytes.readUInt16LE(58), bytes.readUInt16LE(60)];
  for (let at = table; at < table + size * count; at += size) {
    if (bytes.readUInt32LE(at + 4) === SHT_DYNSYM) return Number(bytes.readBigUInt64LE(at + 32)) / 24;
  }
  return 0;
}

/**
 * What the library needs of others.
 * @param {Buffer} bytes
 */
export function readElf(bytes) {
  const file = structure(bytes);
  const { entries, only, text } = file;
  const path = only(TAG.runpath) ?? only(TAG.rpath);
  const versions = versionsOf(file);
  return {
    needed: entries.filter(({ tag }) => tag === TAG.needed).map(({ value }) => text(value)),
    soname: only(TAG.soname) && text(only(TAG.soname).value),
    runpath: path && text(path.value),
    versions: versions.map(({ library, name, weak }) => ({ library, name, weak })),
    wanted: wantedSymbols(file, versions),
  };
}

/**
 * Changes the bytes: `needed` names libraries anew, `runpath` is where they are looked for, and versions that `optional`
 * picks may be missing.
 * @param {Buffer} bytes
 * @param {{ needed?: Record<string, string>, runpath?: string, optional?: (version: string) => boolean }} changes
 */
export function changeElf(bytes, { needed = {}, runpath, optional = () => false }) {
  const file = structure(bytes);
  const versions = versionsOf(file);
  for (const entry of file.entries) {
    if (entry.tag === TAG.needed) {
      const name = needed[file.text(entry.value)];
      if (name !== undefined) rename(file, versions, entry, name);
    }
    if ((entry.tag === TAG.rpath || entry.tag === TAG.runpath) && runpath !== undefined) {
      rename(file, versions, entry, runpath);
      // A run path lets LD_LIBRARY_PATH name another library; the older kind does not.
      bytes.writeBigUInt64LE(TAG.runpath, entry.at);
    }
  }
  for (const { name, at } of versions) {
    if (optional(name)) bytes.writeUInt16LE(bytes.readUInt16LE(at + 4) | WEAK, at + 4);
  }
}

function rename({ bytes, entries, strings, text }, versions, { value, at }, name) {
  const old = text(value);
  if (name.length > old.length) throw new SetupFailure(`"${old}" in the library has no room for "${name}"`);
  // Linkers let a string end another one: what would change with it must not be in use.
  const used = [
    ...entries.filter((entry) => NAMED.has(entry.tag) && entry.at !== at).map((entry) => entry.value),
    ...versions.map(({ nameAt }) => nameAt),
  ];
  if (used.some((other) => other >= value && other <= value + old.length)) {
    throw new SetupFailure(`"${old}" in the library is also a part of another name`);
  }
  bytes.fill(0, strings + value, strings + value + old.length);
  bytes.write(name, strings + value, 'latin1');
}

const NAMED = new Set([TAG.needed, TAG.soname, TAG.rpath, TAG.runpath]);
