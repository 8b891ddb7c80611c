import { describe, expect, it } from 'vitest';
import { comparedNames, publicNames, WITHOUT_ROW } from './surface.ts';

describe('every public name of nn and optimizers', () => {
  const compared = comparedNames();
  const names = publicNames();

  it('is compared with Python’s, or has a reason', () => {
    expect(names.filter((name) => !compared.has(name) && WITHOUT_ROW[name] === undefined)).toEqual([]);
    expect(names.length).toBeGreaterThan(140);
  });

  it('is not both', () => {
    expect(Object.keys(WITHOUT_ROW).filter((name) => compared.has(name))).toEqual([]);
  });

  it('is what rows and reasons are about', () => {
    expect([...compared, ...Object.keys(WITHOUT_ROW)].filter((name) => !names.includes(name))).toEqual([]);
  });
});
