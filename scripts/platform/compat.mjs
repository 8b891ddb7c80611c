import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  compatSource,
  compatVersions,
  isNewerThanOldest,
  isProvided,
  OLDEST,
} from '../../native-backend/compat/old-systems.mjs';
import { SetupFailure } from '../setup/failure.mjs';
import { capture } from '../setup/process.mjs';
import { readElf } from './elf.mjs';

export const compatName = 'libmlxrouter_compat.so';

/** Compiles the library that stands in for what older systems lack. */
export async function buildCompat({ arch, work, output, compiler }) {
  const source = join(work, 'compat.s');
  const versions = join(work, 'compat.map');
  writeFileSync(source, compatSource(arch));
  writeFileSync(versions, compatVersions());
  const link = [`-Wl,--version-script=${versions}`, `-Wl,-soname,${compatName}`, '-Wl,-z,now', '-Wl,--no-as-needed'];
  const args = ['-shared', '-nostdlib', '-o', output, source, ...link, '-lstdc++', '-lm', '-lc'];
  const { code, stderr } = await capture(compiler, args);
  if (code !== 0) throw new SetupFailure(`the compatibility library could not be linked:\n${stderr}`);
}

/** Refuses a library that asks for something newer than the oldest system has and the compatibility library provides. */
export function checkOldSystems(name, bytes) {
  const newer = readElf(bytes).wanted.filter((symbol) => {
    return isNewerThanOldest(symbol.split('@')[1] ?? '') && !isProvided(symbol);
  });
  if (newer.length === 0) return;
  throw new SetupFailure(
    `${name} needs what neither glibc ${OLDEST.glibc} nor ${compatName} has: ${newer.join(', ')}`,
    'add it to native-backend/compat/old-systems.mjs, or build on an older system',
  );
}
