// Which pages the site has, where they lie in the repository and where in the site, and how they are grouped.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');

export const packageVersion = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

const markdownBelow = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.md'));

const examples = readdirSync(join(root, 'examples')).filter((name) =>
  existsSync(join(root, 'examples', name, 'README.md')),
);

/** From a page's path in the repository to its path in the site; a folder's page is its index. */
export const sitePages = new Map([
  ['README.md', 'start.md'],
  ['examples/README.md', 'examples/index.md'],
  ...examples.map((name) => [`examples/${name}/README.md`, `examples/${name}.md`]),
  ...['CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md']
    .filter((name) => existsSync(join(root, name)))
    .map((name) => [name, name.toLowerCase()]),
  ...markdownBelow('docs').map((path) => [`docs/${path}`, path.replace(/(^|\/)README\.md$/, '$1index.md')]),
]);

/** The guides by subject, in reading order. Those that no group names come last. */
const groups = {
  Start: ['start', 'installing', 'from-python', 'from-numpy', 'from-tfjs', 'from-frost-beta-mlx', 'examples/index'],
  Arrays: ['indexing', 'transforms', 'memory', 'sessions', 'testing', 'unsafe'],
  'Neural networks': ['neural-networks', 'training', 'porting-a-module'],
  'Language models': ['language-models', 'serve', 'porting-an-architecture'],
  'In use': ['configuration', 'errors', 'telemetry', 'reliability', 'performance', 'distributed'],
  'The Python side': [
    'python',
    'pipelining',
    'recovery',
    'remote-objects',
    'user-operations',
    'porting-your-own',
    'protocol',
  ],
  Project: [
    'architecture',
    'workarounds',
    'parity',
    'benchmarks',
    'benchmark-history',
    'releasing',
    'contributing',
    'changelog',
    'security',
  ],
};

/** The title of a page of the site: its first heading, without marks. */
export function titleOf(source, page) {
  const heading = /^# (.+)$/m.exec(readFileSync(join(source, `${page}.md`), 'utf8'))?.[1];
  return (heading ?? page).replaceAll(/[`*]/g, '').replaceAll(/\\(.)/g, '$1');
}

const item = (source, page) => ({
  text: page === 'start' ? 'Getting started' : titleOf(source, page),
  link: `/${page.replace(/(^|\/)index$/, '$1')}`,
});

const pagesIn = (source, folder) =>
  readdirSync(join(source, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name.slice(0, -'.md'.length)));

/** What stands beside the pages: guides, reference, decisions and API each have their own list. */
export function sidebar(source) {
  const has = (page) => existsSync(join(source, `${page}.md`));
  const named = new Set([...Object.values(groups).flat(), 'index']);
  const others = pagesIn(source, '.').filter((page) => !named.has(page));
  const guides = Object.entries({ ...groups, More: others })
    .map(([text, pages]) => ({ text, items: pages.filter(has).map((page) => item(source, page)) }))
    .filter(({ items }) => items.length > 0);
  guides[0].items.at(-1).items = pagesIn(source, 'examples')
    .filter((page) => page !== 'examples/index')
    .map((page) => item(source, page));
  const listed = (folder, text) => [
    {
      text,
      link: `/${folder}/`,
      items: pagesIn(source, folder)
        .filter((page) => !page.endsWith('/index'))
        .map((page) => item(source, page)),
    },
  ];
  return {
    '/': guides,
    '/reference/': listed('reference', 'Reference'),
    '/adr/': listed('adr', 'Decisions'),
    ...(has('api/index') && { '/api/': [{ text: 'API', link: '/api/', items: apiItems(source) }] }),
  };
}

/** The modules of the API and their namespaces; each page lists what it has. */
function apiItems(source) {
  return (
    readdirSync(join(source, 'api'), { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      // `mx.index` has a page of that name among those of functions.
      .filter((path) => /.\/index\.md$/.test(path) && !path.endsWith('/variables/index.md'))
      .map((path) => path.slice(0, -'/index.md'.length))
      .sort((one, other) => apiName(one).localeCompare(apiName(other)))
      .map((path) => ({ text: apiName(path), link: `/api/${path}/` }))
  );
}

/** `mlx/namespaces/core/namespaces/fft` is what programs call `mx.fft`; a module is what they import. */
function apiName(path) {
  const [module, ...namespaces] = path.split('/namespaces/');
  const entry = module.replace(/^mlx\/?/, '').replace('parity-tests', 'parity');
  if (namespaces.length === 0) return entry === '' ? 'mlx-router' : `mlx-router/${entry}`;
  return namespaces[0] === 'core' ? ['mx', ...namespaces.slice(1)].join('.') : [entry, ...namespaces].join('.');
}
