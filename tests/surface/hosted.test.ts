import { expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { loadAddon } from '../../native-backend/addon/loader.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { HOSTED } from '../../registry/hosted.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';

it('lists functions that are there, once, over functions that the addon has', () => {
  const { addon } = loadAddon();
  const catalogued = new Set(CATALOGUE.map(qualifiedName));
  expect(new Set(HOSTED.map(({ name }) => name)).size).toBe(HOSTED.length);
  for (const hosted of HOSTED) {
    const parts = hosted.name.split('.').map(camelCase);
    const found = parts.reduce<unknown>((holder, part) => (holder as Record<string, unknown> | undefined)?.[part], mx);
    expect(found, hosted.name).toBeTypeOf('function');
    expect(catalogued.has(hosted.name), hosted.name).toBe(false);
    for (const name of hosted.addon) expect(addon, `${hosted.name} stands on ${name}`).toHaveProperty(name);
  }
});
