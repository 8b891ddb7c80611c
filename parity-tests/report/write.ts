import { writeForms } from './files.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import type { ParityReport } from './summary.ts';

/** Writes the report in all its forms into the folder, which is made. Gives their paths. */
export function writeReport(report: ParityReport, folder: string): string[] {
  return writeForms({ json: report, markdown: markdownReport(report), html: htmlReport(report) }, folder);
}
