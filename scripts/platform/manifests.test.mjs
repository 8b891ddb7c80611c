import { describe, expect, it } from 'vitest';
import { mainManifest, platformManifest } from './manifests.mjs';
import { cudaTargets, packageName, targets } from './targets.mjs';

const ours = { name: 'mlx-router', version: '1.2.3', license: 'MIT', engines: { node: '>=20' } };
const workflow = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'someone/mlx-router' };
const repository = { type: 'git', url: 'git+https://github.com/someone/mlx-router.git' };

describe('the packages that are published', () => {
  it.each([...Object.keys(targets), ...Object.keys(cudaTargets)])(
    'of %s names where its workflow made it',
    (target) => {
      expect(platformManifest(ours, target, [], workflow)).toMatchObject({ name: packageName(target), repository });
      expect(platformManifest(ours, target, [], {})).not.toHaveProperty('repository');
    },
  );

  it('are asked for by mlx-router, in its own version and from the same workflow', () => {
    const manifest = mainManifest(ours, workflow);
    expect(manifest).toMatchObject({ name: 'mlx-router', repository });
    for (const target of Object.keys(targets)) {
      expect(manifest.optionalDependencies[packageName(target)]).toBe('1.2.3');
    }
    for (const target of Object.keys(cudaTargets)) {
      expect(manifest.peerDependencies[packageName(target)]).toBe('1.2.3');
    }
    expect(mainManifest(ours, {})).not.toHaveProperty('repository');
  });
});
