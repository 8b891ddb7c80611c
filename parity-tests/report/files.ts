import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A report in each of its forms. */
interface ReportForms {
  readonly json: object;
  readonly markdown: string;
  readonly html: string;
}

/** Writes parity.json, parity.md and parity.html into the folder, which is made. Gives their paths. */
export function writeForms({ json, markdown, html }: ReportForms, folder: string): string[] {
  mkdirSync(folder, { recursive: true });
  const files = {
    'parity.json': `${JSON.stringify(json, null, 2)}\n`,
    'parity.md': markdown,
    'parity.html': html,
  };
  return Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
}
