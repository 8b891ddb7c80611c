import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { root, sidebar } from '../pages.mjs';

const version = process.env.SITE_VERSION ?? 'next';
const source = join(root, 'site', 'build', 'source');

/** Anchors as repository viewers make them, so that a link works in both. */
const slugify = (text) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

export default defineConfig({
  title: 'mlx-router',
  description: 'Tensors for Node.js with the semantics of MLX: one TypeScript API, native and in Python.',
  base: `${process.env.SITE_BASE ?? '/'}${version}/`,
  srcDir: 'build/source',
  outDir: `../build/site/${version}`,
  cacheDir: 'build/cache',
  metaChunk: true,
  vite: { build: { chunkSizeWarningLimit: 20_000 }, logLevel: 'warn' },
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    theme: { light: 'github-light', dark: 'github-dark' },
    config(md) {
      // Vue would take these for expressions of its own.
      const text = md.renderer.rules.text;
      md.renderer.rules.text = (...args) => text(...args).replaceAll('{{', '&#123;&#123;');
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/start', activeMatch: '^/(?!reference|api|adr)' },
      { text: 'Reference', link: '/reference/' },
      ...(existsSync(join(source, 'api')) ? [{ text: 'API', link: '/api/' }] : []),
      { text: 'Decisions', link: '/adr/' },
      { component: 'VersionSwitch' },
    ],
    sidebar: sidebar(source),
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        _render(text, env, md) {
          const html = md.render(text, env);
          if (env.frontmatter?.search === false) return '';
          // Of the API's thousand pages the names are enough: the reference says the same in whole sentences.
          return env.relativePath.startsWith('api/') ? (/<h1[\s\S]*?<\/h1>/.exec(html)?.[0] ?? '') : html;
        },
      },
    },
    footer: { message: `MIT licence · ${version === 'next' ? 'unreleased' : `version ${version}`}` },
  },
});
