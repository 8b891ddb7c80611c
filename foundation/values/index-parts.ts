import { Slice } from './values.ts';

/** Reads NumPy's text of an index, `'1:3, ..., ::-1, None'`; undefined when it is no such text. */
export function parseIndexText(text: string): (number | Slice | null | '...')[] | undefined {
  const parts: (number | Slice | null | '...')[] = [];
  for (const piece of text.split(',').map((part) => part.trim())) {
    if (piece === '...') parts.push('...');
    else if (piece === 'None' || piece === 'newaxis' || piece === 'null') parts.push(null);
    else if (/^[+-]?\d+$/.test(piece)) parts.push(Number(piece));
    else {
      const match = /^([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?)?$/.exec(piece);
      if (match === null) return undefined;
      const [start, stop, step] = match.slice(1, 4).map((digits) => (digits === undefined ? null : Number(digits)));
      parts.push(new Slice(start ?? null, stop ?? null, step ?? null));
    }
  }
  return parts;
}
