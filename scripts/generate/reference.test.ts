import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { family, sample } from '../../registry/catalogue/entry.ts';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { array, bool, string } from '../../registry/parameters.ts';
import { referencePages } from './reference.ts';
import { hostPage } from './reference-host.ts';

const op = family('linalg', 'linalg');

describe('the reference', () => {
  it('has one entry for every operation, and one row of the matrix', () => {
    const pages = referencePages(CATALOGUE);
    const all = [...pages].filter(([name]) => name !== 'README.md').map(([, text]) => text);
    expect(all.join('\n').match(/^## mx\./gm)).toHaveLength(CATALOGUE.length);
    expect(pages.get('README.md')?.match(/^\| \[/gm)).toHaveLength(CATALOGUE.length);
  });

  it('says what an operation takes and why a backend lacks it', () => {
    const row = op(
      'some_factors',
      [array('a'), bool('upper', false), string('mode', 'full', { keywordOnly: true, choices: ['full', 'thin'] })],
      {
        doc: 'Some factors.',
        sample: sample('square', 'lapack', 'any', { ulp: 2, reason: 'Rounds twice.' }),
        nativeReason: 'Not ported yet.',
        aliases: ['other_factors'],
      },
    );
    const page = referencePages([row]).get('linalg.md') ?? '';
    expect(page).toContain('## mx.linalg.someFactors\n\nSome factors.');
    expect(page).toContain("`mx.linalg.someFactors(a, upper = false, { mode = 'full' })`");
    expect(page).toContain('| `a` | array | required |');
    expect(page).toContain("| `mode` | `'full'`, `'thin'`; keyword only | `'full'` |");
    expect(page).toContain('- Dtypes: float32, float64\n- Backends agree within 2 ULP: Rounds twice.');
    expect(page).toContain('- Gradient: yes');
    expect(page).toContain('- Native: no. Not ported yet.\n- Python: [`mlx.core.linalg.some_factors`](https://');
    expect(page).toContain('- Other names: `mx.linalg.otherFactors`');
    const matrix = referencePages([row]).get('README.md');
    expect(matrix).toContain(
      '| [`mx.linalg.someFactors`](linalg.md#mxlinalgsomefactors) |  | yes | float32, float64 | yes |',
    );
  });
});

describe('the page of host functions', () => {
  const page = hostPage(fileURLToPath(new URL('../..', import.meta.url)));

  it('has heads and comments, and nothing of what is inside', () => {
    expect(page).toContain('```typescript\nfunction getActiveMemory(): number\n```');
    expect(page).toContain('interface ArrayProperties');
    expect(page).toMatch(/Frees the memory now/);
    expect(page).not.toMatch(/^ *(return|const \w+ = ) /m);
    expect(page).not.toMatch(/^ *#\w/m);
  });

  it('has every part', () => {
    for (const title of ['Arrays', 'Devices and streams', 'Memory', 'Files', 'Transforms', 'Random numbers']) {
      expect(page).toMatch(new RegExp(`^## ${title}\n\n(?!##)`, 'm'));
    }
    for (const name of ['saveSafetensors', 'valueAndGrad', 'setDefaultDevice', 'seed', 'register', 'configure']) {
      expect(page).toMatch(new RegExp(`^function ${name}\\b`, 'm'));
    }
  });
});
