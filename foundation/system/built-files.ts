import { cudaPackage } from './cuda-package.ts';
import { type BuiltFiles, platformPackage, setUpFiles } from './installation.ts';
import { packageRoot } from './package-root.ts';

/** The files of the set-up where there are some, else those of a package, for GPUs of NVIDIA first; null: none of them. */
export function builtFiles(root: string = packageRoot()): BuiltFiles | null {
  return setUpFiles(root) ?? cudaPackage(root)?.files ?? platformPackage(root)?.files ?? null;
}
