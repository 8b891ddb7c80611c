import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths, shown } from './paths.mjs';
import { writeWhole } from './stamps.mjs';

const openOrNull = (path) => (path ? shown(path) : null);

/**
 * Writes build/setup.json, which the loader, the worker and `doctor` read. Paths are relative to the checkout, so that
 * it can be moved together with `.venv`; nothing is written where nothing changed.
 */
export function writeManifest({ python, mlxC, blas, addon }) {
  const manifest = {
    python: shown(paths.venvPython),
    pythonVersion: python.pythonVersion,
    mlxVersion: python.mlxVersion,
    mlxCVersion: mlxC.version,
    device: python.device,
    addon: shown(addon.addon),
    addonSources: addon.sources,
    guards: openOrNull(addon.guards),
    mlxLibDir: shown(join(python.wheel, 'lib')),
    blasShim: openOrNull(blas.shim),
    blas: blas.name,
    mlxCInclude: shown(mlxC.include),
  };
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  mkdirSync(paths.build, { recursive: true });
  try {
    if (readFileSync(paths.manifest, 'utf8') === text) return;
  } catch {
    // There is none yet.
  }
  writeWhole(paths.manifest, text);
}
