// Follows every link of the built pages, anchors too.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const unescaped = (text) =>
  text
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'");

/**
 * @param {string} folder the built site
 * @param {string} base the path under which it is served, with a slash at both ends
 * @returns {{ pages: number, links: number, dead: string[] }}
 */
export function checkLinks(folder, base) {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.html'));
  const anchors = new Map();
  const anchorsOf = (file) => {
    if (!anchors.has(file)) {
      const found = readFileSync(file, 'utf8').matchAll(/\sid="([^"]+)"/g);
      anchors.set(file, new Set([...found].map(([, id]) => unescaped(id))));
    }
    return anchors.get(file);
  };
  const dead = [];
  let links = 0;
  for (const page of pages) {
    const file = join(folder, page);
    const targets = readFileSync(file, 'utf8').matchAll(/\s(?:href|src)="([^"]*)"/g);
    for (const target of new Set([...targets].map(([, text]) => unescaped(text)))) {
      if (/^[a-z][a-z0-9+.-]*:|^\/\//.test(target)) continue;
      links += 1;
      const [path, anchor] = target.split('#');
      const found = fileOf(path, file, folder, base);
      if (found === undefined) dead.push(`${page}: ${target}`);
      else if (anchor && found.endsWith('.html') && !anchorsOf(found).has(decodeURIComponent(anchor)))
        dead.push(`${page}: ${target}`);
    }
  }
  return { pages: pages.length, links, dead };
}

/** The file that a server gives for a path, if there is one. */
function fileOf(path, from, folder, base) {
  if (path === '') return from;
  const plain = decodeURIComponent(path.split('?')[0]);
  if (plain.startsWith('/') && !plain.startsWith(base)) return undefined;
  const file = plain.startsWith('/') ? join(folder, plain.slice(base.length)) : join(dirname(from), plain);
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : undefined;
}
