import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const objects = new URL('build/addon/', root);
const isBuiltHere = process.platform === 'linux' && process.arch === 'x64' && existsSync(objects);

/** The files that are compiled for processors with AVX2, as CMake has them. */
function vectorFiles(): string[] {
  const text = readFileSync(new URL('native-backend/CMakeLists.txt', root), 'utf8');
  return text.match(/set\(vectors ([^)]*)\)/)?.[1]?.split(/\s+/) ?? [];
}

// What several files define the linker takes from any of them: from one of these it would be code that other processors
// do not have.
describe.runIf(isBuiltHere)('files that are compiled for AVX2', () => {
  it('define nothing that the linker may use for another file', () => {
    const built = readdirSync(objects, { recursive: true }).map(String);
    const files = vectorFiles().map((name) => built.find((path) => path.endsWith(`/kernels/${name}.o`)));
    expect(files.length).toBeGreaterThan(5);
    expect(files).not.toContain(undefined);
    for (const file of files) {
      const symbols = execFileSync('nm', ['-C', fileURLToPath(new URL(String(file), objects))], { encoding: 'utf8' });
      const shared = symbols.split('\n').filter((line) => / [WVu] /.test(line));
      // MLX's templates have names of their own there.
      expect(shared.filter((line) => !line.includes('mlx_of_kernels::'))).toEqual([]);
    }
  });
});
