// The package.json of the packages that are published.
import { packageName, targets } from './targets.mjs';

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
  const packages = Object.fromEntries(Object.keys(targets).map((target) => [packageName(target), ours.version]));
  const optionalDependencies = { ...ours.optionalDependencies, ...packages };
  return { ...ours, optionalDependencies, devDependencies: undefined, scripts: undefined };
}
