import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { flag, setting } from '../../router/settings/setting-kinds.ts';
import { SETTINGS } from '../../router/settings/settings.ts';
import { settingsTable, withSettings } from './settings.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

it('has a row for every setting, with its default, its variable and the comment of the source', () => {
  const page = withSettings(readFileSync(`${root}/docs/configuration.md`, 'utf8'), root);
  for (const [name, { variable }] of Object.entries(SETTINGS)) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| \`.+\` \\| \`${variable}\` \\| [A-Z\`\\d'].+ \\|$`, 'm'));
  }
  expect(page).toContain("| `telemetry` | `'metrics'` | `MLX_ROUTER_TELEMETRY` |");
});

it('refuses a setting without a comment', () => {
  const settings = { mystery: setting('MLX_ROUTER_MYSTERY', true, flag) };
  expect(() => settingsTable(settings, new Map())).toThrow('does not say what "mystery" is');
});
