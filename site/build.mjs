#!/usr/bin/env node
// `npm run docs`: the documentation as static files in build/site, a folder for each version, without a dead link.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { homePage } from './home.mjs';
import { checkLinks } from './links.mjs';
import { packageVersion, root } from './pages.mjs';
import { preparePages } from './prepare.mjs';
import { writeReports } from './reports.mjs';

const usage = `Usage: npm run docs -- [options]

  --release        as the version of package.json; else as "next"
  --base PATH      where the site is served ("/"), with a slash at both ends
  --measure        compare the backends and run the benchmarks again
  --no-reports     without the pages of parity and benchmarks
  --no-api         without the pages of TypeDoc`;

const { values } = parseArgs({
  options: {
    release: { type: 'boolean', default: false },
    base: { type: 'string', default: '/' },
    measure: { type: 'boolean', default: false },
    reports: { type: 'boolean', default: true },
    api: { type: 'boolean', default: true },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
if (values.help) {
  console.log(usage);
  process.exit();
}

const site = join(root, 'site');
const source = join(root, 'site', 'build', 'source');
const out = join(root, 'build', 'site');
const version = values.release ? packageVersion : 'next';

function run(program, args, env = {}) {
  const { status } = spawnSync(program, args, { cwd: site, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) {
    console.error(`${program} ${args.join(' ')} ended with ${status}`);
    process.exit(1);
  }
}

/** The site's packages are not the library's: they are installed here, when they are first needed. */
function installPackages() {
  const installed = join(site, 'node_modules', '.package-lock.json');
  const lock = join(site, 'package-lock.json');
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
}

function endWith(dead) {
  if (dead.length === 0) return;
  console.error(`${dead.length} links lead nowhere:\n  ${dead.join('\n  ')}`);
  process.exit(1);
}

installPackages();
rmSync(source, { recursive: true, force: true });
mkdirSync(source, { recursive: true });
if (values.api) run(process.execPath, ['node_modules/typedoc/bin/typedoc']);
endWith(preparePages(source));
writeFileSync(join(source, 'index.md'), homePage);
if (values.reports) writeReports(source, values.measure);
rmSync(join(out, version), { recursive: true, force: true });
run(process.execPath, ['node_modules/vitepress/bin/vitepress.js', 'build', '.'], {
  SITE_VERSION: version,
  SITE_BASE: values.base,
});

// Other versions lie beside this one; the newest release is where a reader without a wish goes.
const versions = readdirSync(out, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
writeFileSync(join(out, 'versions.json'), JSON.stringify(versions));
const newest = versions.find((name) => name !== 'next') ?? 'next';
writeFileSync(
  join(out, 'index.html'),
  `<!doctype html><title>mlx-router</title><meta http-equiv="refresh" content="0; url=${newest}/"><a href="${newest}/">mlx-router</a>\n`,
);
const { pages, links, dead } = checkLinks(join(out, version), `${values.base}${version}/`);
endWith(dead);
console.log(`${pages} pages, ${links} links, none dead: build/site/${version}`);
