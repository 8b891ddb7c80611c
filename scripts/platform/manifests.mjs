// The package.json of the packages that are published.
import { cudaName, cudaTargets, packageName, targets } from './targets.mjs';

const taken = ({ version, license, engines }) => ({ version, license, engines });

/** Of the package with the built files of one platform. */
export function platformManifest(ours, target, files) {
  const { os, cpu, libc, what } = targets[target];
  return {
    name: packageName(target),
    description: `The built files of mlx-router for ${what}.`,
    ...taken(ours),
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    files,
    exports: { './package.json': './package.json', './platform.json': './platform.json' },
    // What is loaded is a file of the system, which an archive cannot hold.
    preferUnplugged: true,
  };
}

/** Of mlx-router as it is published: it asks for the packages of all platforms, and npm takes the one that fits. */
export function mainManifest(ours) {
  const names = Object.keys(targets).map(packageName);
  const peers = cudaTargets.map(cudaName);
  return {
    ...ours,
    optionalDependencies: {
      ...ours.optionalDependencies,
      ...Object.fromEntries(names.map((name) => [name, ours.version])),
    },
    peerDependencies: { ...ours.peerDependencies, ...Object.fromEntries(peers.map((name) => [name, ours.version])) },
    peerDependenciesMeta: {
      ...ours.peerDependenciesMeta,
      ...Object.fromEntries(peers.map((name) => [name, { optional: true }])),
    },
    devDependencies: undefined,
    scripts: undefined,
  };
}
