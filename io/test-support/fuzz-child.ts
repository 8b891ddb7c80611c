/**
 * Loads damaged files and says what came of it, as JSON: run as a process of its own, so that a crash of MLX is seen.
 * Arguments: the format, the number of mutations, the seed, the folder for files.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { FileFormat } from '../formats.ts';

const [format, count, seed, folder] = [
  process.argv[2] as FileFormat,
  ...process.argv.slice(3, 5).map(Number),
  process.argv[5],
] as [FileFormat, number, number, string];

let state = seed;
/** A small generator of its own: equal seeds, equal mutations, on every machine. */
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function valid(): Buffer[] {
  const a = mx.arange(12).reshape([3, 4]);
  const arrays = { a, 'b.weight': mx.array([1.5, -2]), scalar: mx.array(7) };
  const file = (save: (file: InstanceType<typeof mx.MemoryFile>) => void) => {
    const memory = new mx.MemoryFile();
    save(memory);
    return memory.bytes();
  };
  switch (format) {
    case 'npy':
      return [file((memory) => mx.save(memory, a)), file((memory) => mx.save(memory, mx.array(1n)))];
    case 'npz':
      return [file((memory) => mx.savez(memory, a, arrays)), file((memory) => mx.savezCompressed(memory, arrays))];
    case 'safetensors':
      return [file((memory) => mx.saveSafetensors(memory, arrays, { note: 'text' }))];
    default:
      return [
        file((memory) =>
          mx.saveGguf(memory, arrays, { text: 'x', list: ['a', 'b'], n: mx.array([1, 2]), flag: mx.array(true) }),
        ),
      ];
  }
}

const EXTREMES = [0, 1, 0x7f, 0x80, 0xff];

function mutated(original: Buffer): Buffer {
  const bytes = Buffer.from(original);
  // Most faults are wrong headers: half of the damage goes to their length.
  const reach = random(2) === 0 ? Math.min(bytes.length, 200) : bytes.length;
  switch (random(8)) {
    case 0:
      return bytes.subarray(0, random(bytes.length));
    case 1:
      return Buffer.concat([bytes, Buffer.alloc(random(40), random(256))]);
    case 2: {
      const at = random(reach);
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random(9)))]);
    }
    case 3: {
      const at = random(Math.max(1, bytes.length - 8));
      bytes.writeBigUInt64LE(2n ** BigInt(random(64)), at);
      return bytes;
    }
    case 4: {
      // Another number, in text or not.
      const at = random(reach);
      bytes[at] = 0x30 + random(10);
      return bytes;
    }
    case 5: {
      const from = random(reach);
      bytes.copy(bytes, random(reach), from, Math.min(bytes.length, from + random(24)));
      return bytes;
    }
    default:
      for (let i = random(4); i >= 0; i--) {
        bytes[random(reach)] = random(2) === 0 ? random(256) : (EXTREMES[random(EXTREMES.length)] as number);
      }
      return bytes;
  }
}

const outcome = { loaded: 0, refused: 0, others: [] as string[], crowded: 0 };
const originals = valid();
const path = join(folder, `fuzz.${format}`);
for (let i = 0; i < count; i++) {
  const bytes = mutated(originals[i % originals.length] as Buffer);
  try {
    writeFileSync(path, bytes);
    // From memory and from the disk by turns; what loads is also computed.
    mx.eval(i % 2 === 0 ? mx.load(bytes, { format }) : mx.load(path, { format }));
    outcome.loaded++;
  } catch (error) {
    if (error instanceof FileError) outcome.refused++;
    else outcome.others.push(`${i}: ${error}`);
  }
}
outcome.crowded = process.resourceUsage().maxRSS;
process.stdout.write(JSON.stringify({ ...outcome, others: outcome.others.slice(0, 5) }));
process.exit(0);
