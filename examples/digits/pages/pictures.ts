import { percent } from '../../shared/html.ts';
import { SIDE } from '../dataset.ts';
import { pngAddress } from './png.ts';

/** What the network said of one digit of the test. */
export interface Reading {
  /** 64 pixels of 0 to 1, as the network saw them. */
  readonly pixels: ArrayLike<number>;
  readonly label: number;
  readonly predicted: number;
  /** The share that softmax gives the prediction. */
  readonly confidence: number;
}

const POSITIVE = [214, 96, 42] as const;
const NEGATIVE = [46, 110, 184] as const;

/** The digits with their predictions, wrong ones marked. */
export function digitTiles(readings: readonly Reading[]): string {
  const tiles = readings.map(({ pixels, label, predicted, confidence }) => {
    const wrong = label !== predicted;
    const verdict = wrong ? `read as ${predicted}, is ${label}` : `read as ${predicted}`;
    const caption = wrong ? `<b>${predicted}</b> <s>is ${label}</s>` : `<b>${predicted}</b>`;
    return `<figure class="tile${wrong ? ' wrong' : ''}" title="${verdict}, ${percent(confidence)} sure">
<img class="ink" src="${inkImage(pixels)}" alt="A digit ${verdict}" width="64" height="64">
<figcaption>${caption}</figcaption></figure>`;
  });
  return `<div class="tiles">${tiles.join('\n')}</div>`;
}

/** The filters of the first layer, and what they make of one digit: pixels row by row. */
export interface FirstLayer {
  readonly digit: readonly number[];
  readonly filters: readonly (readonly number[])[];
  readonly maps: readonly (readonly number[])[];
}

/** A digit, then each filter above what it makes of it. */
export function filterImages({ digit, filters, maps }: FirstLayer): string {
  const largest = (images: FirstLayer['maps']) => Math.max(...images.flat().map(Math.abs), 1e-9);
  const [most, brightest] = [largest(filters), largest(maps)];
  const pairs = filters.map((filter, unit) => {
    const [kernel, map] = [signedImage(filter, most), signedImage(maps[unit] as readonly number[], brightest)];
    return `<figure title="filter ${unit}"><img class="kernel" src="${kernel}" alt="Filter ${unit}">
<img src="${map}" alt="What filter ${unit} makes of the digit"></figure>`;
  });
  return `<div class="filters"><figure><img class="ink" src="${inkImage(digit)}" alt="The digit"></figure>
<div class="pairs">${pairs.join('\n')}</div></div>`;
}

/** A square of numbers: positive ones in one colour, negative ones in the other, the largest opaque. */
function signedImage(values: readonly number[], largest: number): string {
  const side = Math.sqrt(values.length);
  const pixels = values.flatMap((value) => {
    // The square root brings out the small ones.
    const opacity = Math.round(255 * Math.sqrt(Math.abs(value) / largest));
    return [...(value > 0 ? POSITIVE : NEGATIVE), opacity];
  });
  return pngAddress(Uint8Array.from(pixels), side, side);
}

/** Digits before and after the Python step, one above the other. */
export function beforeAndAfter(before: readonly ArrayLike<number>[], after: readonly ArrayLike<number>[]): string {
  const row = (name: string, pictures: readonly ArrayLike<number>[]) => {
    const images = pictures.map((ink) => `<img class="ink" src="${inkImage(ink)}" alt="A digit ${name}">`);
    return `<span>${name}</span>${images.join('')}`;
  };
  return `<div class="steps">${row('before', before)}\n${row('after', after)}</div>`;
}

function inkImage(ink: ArrayLike<number>): string {
  const pixels = new Uint8Array(4 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++)
    pixels[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, ink[i] as number)));
  return pngAddress(pixels, SIDE, SIDE);
}
