// Copies the repository's pages to where VitePress reads them, with their links led to where the pages are now.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, posix } from 'node:path';
import { root, sitePages } from './pages.mjs';

const LANGUAGES = { '.mjs': 'js', '.cjs': 'js', '.cc': 'cpp', '.h': 'cpp', '.py': 'python' };

/** Applies a change to the text outside fenced blocks, line by line. */
function outsideCode(text, change) {
  let fence;
  return text
    .split('\n')
    .map((line) => {
      const mark = /^\s*(```+|~~~+)/.exec(line)?.[1];
      if (fence === undefined && mark !== undefined) fence = mark;
      else if (fence !== undefined && mark === fence) fence = undefined;
      else if (fence === undefined) return change(line);
      return line;
    })
    .join('\n');
}

const PICTURE = /\.(svg|png|jpe?g|gif|webp)$/;

/**
 * A file or folder of the repository that a page links to, as a page of its own: the site has no other place for it.
 * Gives what makes its text from where a path of the repository is in the site.
 */
function sourcePage(path) {
  const full = join(root, path);
  if (statSync(full).isDirectory()) {
    const files = readdirSync(full, { withFileTypes: true }).filter((entry) => entry.isFile());
    const text = (to) =>
      `# ${path}\n\n${files.map(({ name }) => `- [${name}](${to(`${path}/${name}`)})`).join('\n')}\n`;
    return text;
  }
  const ending = extname(path);
  const body = readFileSync(full, 'utf8').trimEnd();
  const fence = body.includes('```') ? '````' : '```';
  return () => `# ${path}\n\n${fence}${LANGUAGES[ending] ?? (ending.slice(1) || 'text')}\n${body}\n${fence}\n`;
}

/**
 * Writes every page below the folder `source`.
 * @returns {string[]} the links that lead nowhere, with their pages
 */
export function preparePages(source) {
  const sources = new Map();
  const queue = [];
  const dead = [];

  /** Where a path of the repository is in the site, without ending `.md`; source files become pages as they are met. */
  const placeOf = (path) => {
    const page = sitePages.get(path) ?? sitePages.get(posix.join(path, 'README.md'));
    if (page !== undefined) return page;
    const place = `source/${path.replaceAll('/', '-').replace(/^\./, '')}.md`;
    if (!sources.has(path)) {
      sources.set(path, place);
      queue.push(path);
    }
    return place;
  };
  const relativeTo = (from) => (path) => posix.relative(posix.dirname(from), placeOf(path));

  const rewritten = (line, from, place) => {
    const to = relativeTo(place);
    return line.replaceAll(/`[^`]*`|\]\(([^)\s]+)\)/g, (whole, target) => {
      if (target === undefined || /^[a-z]+:|^#/.test(target)) return whole;
      const [path, anchor] = target.split('#');
      const wanted = posix.normalize(posix.join(posix.dirname(from), path)).replace(/\/$/, '');
      if (wanted.startsWith('..') || !existsSync(join(root, wanted))) {
        dead.push(`${from}: ${target}`);
        return whole;
      }
      if (PICTURE.test(wanted)) return `](/${copyPicture(wanted, source)})`;
      return `](${to(wanted)}${anchor === undefined ? '' : `#${anchor}`})`;
    });
  };

  const write = (place, text) => {
    const file = join(source, place);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  for (const [path, place] of sitePages) {
    const text = readFileSync(join(root, path), 'utf8');
    const plain = outsideCode(text, (line) => rewritten(line.replaceAll(/<!--.*?-->/g, ''), path, place));
    write(place, plain);
  }
  // Folders bring further files.
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    const place = sources.get(path);
    write(place, `---\nsearch: false\neditLink: false\n---\n\n${sourcePage(path)(relativeTo(place))}`);
  }
  return dead;
}

function copyPicture(path, source) {
  const name = path.replaceAll('/', '-');
  mkdirSync(join(source, 'public'), { recursive: true });
  cpSync(join(root, path), join(source, 'public', name));
  return name;
}
