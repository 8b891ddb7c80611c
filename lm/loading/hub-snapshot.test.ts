import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeDamaged } from './hub-snapshot.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a blob of another size', () => {
  it('is removed, and one of the right size stays', async () => {
    const blob = join(folder, 'blob');
    writeFileSync(blob, 'damaged');
    await removeDamaged(blob, 7);
    expect(readdirSync(folder)).toEqual(['blob']);
    await removeDamaged(blob, 8);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not taken for one that another process finishes at that moment', async () => {
    for (let i = 0; i < 200; i++) {
      const [part, blob] = [join(folder, `part-${i}`), join(folder, `blob-${i}`)];
      writeFileSync(part, 'whole');
      if (i % 2 === 0) writeFileSync(blob, 'damaged');
      await Promise.all([removeDamaged(blob, 5), rename(part, blob)]);
      expect(readFileSync(blob, 'utf8')).toBe('whole');
    }
    expect(readdirSync(folder)).toHaveLength(200);
  });
});
