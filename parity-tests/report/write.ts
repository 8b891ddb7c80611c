import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import type { ParityReport } from './summary.ts';

/** Writes parity.json, parity.md and parity.html into the folder, which is made. Gives their paths. */
export function writeReport(report: ParityReport, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const files = {
    'parity.json': `${JSON.stringify(report, null, 2)}\n`,
    'parity.md': markdownReport(report),
    'parity.html': htmlReport(report),
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}
