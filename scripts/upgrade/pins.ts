// Where the versions of MLX and mlx-c are written, and how they are changed together.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../setup/paths.mjs';

interface Pin {
  readonly file: string;
  /** What stands before the version, and what after; the version is between them. */
  readonly around: RegExp;
}

/** Of decisions and of faults of MLX the version says when they were found, so it stays there. */
const MLX_PINS: readonly Pin[] = [
  { file: 'foundation/system/pins.ts', around: /(MLX_VERSION = ')[\d.]+(')/g },
  { file: 'pyproject.toml', around: /("mlx(?:\[\w+\])?==)[\d.]+(")/g },
  { file: 'README.md', around: /(MLX is pinned to )\d+\.\d+\.\d+()/g },
  { file: 'vendor/mlx-c/README.md', around: /(belongs to MLX )\d+\.\d+\.\d+()/g },
];

const MLX_C_PINS: readonly Pin[] = [
  { file: 'vendor/mlx-c/Cargo.toml', around: /(mlx-sys = \{ version = "=)[\d.]+(")/g },
  { file: 'README.md', around: /(mlx-c to )\d+\.\d+\.\d+()/g },
  { file: 'vendor/mlx-c/README.md', around: /(ml-explore\/mlx-c\) )\d+\.\d+\.\d+()/g },
];

function move(pins: readonly Pin[], version: string): string[] {
  const changed = new Set<string>();
  for (const { file, around } of pins) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const moved = text.replaceAll(around, (_, before: string, after: string) => `${before}${version}${after}`);
    if (moved === text) continue;
    writeFileSync(path, moved);
    changed.add(file);
  }
  return [...changed];
}

/**
 * Writes the new versions into every file that names them. Where mlx-c was made for another MLX than this one, its pin
 * says that it was built with this one all the same. Gives the files that changed.
 */
export function movePins(mlx: string, mlxC: { readonly version: string; readonly madeFor: string }): string[] {
  const changed = [...move(MLX_PINS, mlx), ...move(MLX_C_PINS, mlxC.version)];
  const manifest = join(root, 'vendor', 'mlx-c', 'Cargo.toml');
  const text = readFileSync(manifest, 'utf8');
  const plain = text.replace(/\n\[package\.metadata\.mlx-c\]\nbuilds-with = "[\d.]+"\n/, '');
  const note = mlxC.madeFor === mlx ? '' : `\n[package.metadata.mlx-c]\nbuilds-with = "${mlx}"\n`;
  if (plain + note !== text) {
    writeFileSync(manifest, plain + note);
    changed.push('vendor/mlx-c/Cargo.toml');
  }
  return [...new Set(changed)];
}
