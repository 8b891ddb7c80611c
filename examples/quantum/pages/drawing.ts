import { escape } from '../../shared/html.ts';
import { type Circuit, columnsOf, touched } from '../circuit.ts';
import type { Angle, Operation } from '../operation.ts';

const LEFT = 44;
const COLUMN = 52;
const ROW = 44;
const BOX = 34;
/** The circuit's own colours, for where no page gives any. */
const INK = 'var(--ink, #1d1d1f)';
const PAPER = 'var(--card, #fff)';

const y = (qubit: number) => ROW * (qubit + 0.5);
const x = (column: number) => LEFT + COLUMN * (column + 0.5);

/** A circuit as an SVG of its own: a line for each qubit, from left to right what happens to them. */
export function drawCircuit(circuit: Circuit): string {
  const { qubits, operations } = circuit;
  const columns = columnsOf(circuit, spanned);
  const width = LEFT + COLUMN * (Math.max(-1, ...columns) + 1) + 12;
  const height = ROW * qubits;
  const wires = Array.from({ length: qubits }, (_, qubit) => [
    `<text x="${LEFT - 12}" y="${y(qubit) + 4}" font-size="13" text-anchor="end">q${qubit}</text>`,
    `<path d="M${LEFT - 6} ${y(qubit)}H${width}" stroke-width="1"/>`,
  ]);
  const drawn = operations.map((operation, i) => drawOperation(operation, x(columns[i] as number)));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Circuit of ${qubits} qubits and ${operations.length} operations" style="background:${PAPER}" font-family="system-ui, sans-serif">
<g fill="none" stroke="${INK}" stroke-width="1.5"><g fill="${INK}">${wires.map(([text]) => text?.replace('<text', '<text stroke="none"')).join('')}</g>
${wires.map(([, wire]) => wire).join('')}
${drawn.join('\n')}</g>
</svg>`;
}

/** The lines that a drawing of the operation crosses. */
function spanned(operation: Operation): number[] {
  const lines = touched(operation);
  const first = Math.min(...lines);
  return Array.from({ length: Math.max(...lines) - first + 1 }, (_, i) => first + i);
}

function drawOperation(operation: Operation, at: number): string {
  const { name, controls, targets, angles } = operation;
  const lines = spanned(operation).map(y);
  const link = lines.length === 1 ? '' : `<path d="M${at} ${lines[0]}V${lines.at(-1)}"/>`;
  const dots = controls.map((qubit) => `<circle cx="${at}" cy="${y(qubit)}" r="4" fill="${INK}"/>`);
  const shapes = targets.map((qubit) => {
    if (name === 'SWAP') return cross(at, y(qubit));
    if (name === 'X' && controls.length > 0) return plus(at, y(qubit));
    // A Z of several qubits is the same whichever of them it is drawn at.
    if (name === 'Z' && controls.length > 0) return `<circle cx="${at}" cy="${y(qubit)}" r="4" fill="${INK}"/>`;
    return box(at, y(qubit), name, angles.map(angleText).join(' '));
  });
  return `<g><title>${escape(titleOf(operation))}</title>${link}${dots.join('')}${shapes.join('')}</g>`;
}

function box(at: number, line: number, name: string, angle: string): string {
  const text = (size: number, dy: number, content: string) =>
    `<text x="${at}" y="${line + dy}" font-size="${size}" text-anchor="middle" fill="${INK}" stroke="none">${escape(content)}</text>`;
  const short = angle.length > 0 && angle.length <= 7;
  const label = name.length > 4 ? 'U' : name;
  return `<rect x="${at - BOX / 2}" y="${line - BOX / 2}" width="${BOX}" height="${BOX}" rx="4" fill="${PAPER}"/>${text(14, short ? 0 : 5, label)}${short ? text(10, 12, angle) : ''}`;
}

function cross(at: number, line: number): string {
  return `<path d="M${at - 5} ${line - 5}l10 10m0 -10l-10 10"/>`;
}

function plus(at: number, line: number): string {
  return `<circle cx="${at}" cy="${line}" r="9" fill="${PAPER}"/><path d="M${at - 9} ${line}h18M${at} ${line - 9}v18"/>`;
}

function titleOf({ name, controls, targets, angles }: Operation): string {
  const parts = [
    name,
    angles.length === 0 ? '' : `(${angles.map(angleText).join(', ')})`,
    ` on ${targets.join(', ')}`,
    controls.length === 0 ? '' : `, where ${controls.join(', ')} ${controls.length === 1 ? 'is' : 'are'} 1`,
  ];
  return parts.join('');
}

/** As a fraction of π where it is one. */
function angleText(angle: Angle): string {
  const value = typeof angle === 'number' ? angle : Number(angle.item());
  const part = Math.PI / Math.abs(value);
  if (value !== 0 && Math.abs(part - Math.round(part)) < 1e-6 && part < 1e4) {
    return `${value < 0 ? '−' : ''}π${Math.round(part) === 1 ? '' : `/${Math.round(part)}`}`;
  }
  return String(Number(value.toFixed(2))).replace('-', '−');
}
