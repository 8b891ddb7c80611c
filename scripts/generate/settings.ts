import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import type { Setting } from '../../router/settings/setting-kinds.ts';
import { PYTHON, ROUTING } from '../../router/settings/settings.ts';
import { commentOf } from './comments.ts';
import { between } from './marks.ts';

type Settings = Readonly<Record<string, Setting<unknown>>>;

/** docs/configuration.md with its tables of settings; what each is says the comment in `router/settings/settings.ts`. */
export function withSettings(page: string, root: string): string {
  const comments = commentsOf(join(root, 'router/settings/settings.ts'));
  const routed = between(page, 'routing', settingsTable(ROUTING, comments));
  return between(routed, 'python', settingsTable(PYTHON, comments));
}

export function settingsTable(settings: Settings, comments: ReadonlyMap<string, string>): string {
  const rows = Object.entries(settings).map(([name, { default: usual, variable }]) => {
    const comment = comments.get(name);
    if (comment === undefined) throw new Error(`router/settings/settings.ts does not say what "${name}" is`);
    return `| \`${name}\` | \`${written(usual)}\` | \`${variable}\` | ${comment} |`;
  });
  return ['| setting | default | variable | |', '|---|---|---|---|', ...rows].join('\n');
}

function written(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', "'");
}

/** The comment above each property in the file, on one line. */
function commentsOf(file: string): ReadonlyMap<string, string> {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const comments = new Map<string, string>();
  const visit = (node: ts.Node): void => {
    const comment = ts.isPropertyAssignment(node) ? commentOf(node) : '';
    if (comment !== '')
      comments.set((node as ts.PropertyAssignment).name.getText(source), comment.replaceAll('\n', ' '));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return comments;
}
