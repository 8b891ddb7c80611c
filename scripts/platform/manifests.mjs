// The package.json of the packages that are published.
import { cudaTargets, packageName, targets } from './targets.mjs';

const taken = ({ version, license, engines }) => ({ version, license, engines });

/** Where the workflow that packs it has its sources: the registry takes no provenance of a package that names another place. */
function madeIn({ GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository }) {
  return server && repository ? { repository: { type: 'git', url: `git+${server}/${repository}.git` } } : {};
}

/** Of the package with the built files of one platform. */
export function platformManifest(ours, target, files, environment = process.env) {
  const { os, cpu, libc, what, beside } = { ...targets, ...cudaTargets }[target];
  return {
    name: packageName(target),
    description: `The built files of mlx-router for ${what}.`,
    ...taken(ours),
    ...madeIn(environment),
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    ...(beside && { dependencies: { [packageName(beside)]: ours.version } }),
    files,
    exports: { './package.json': './package.json', './platform.json': './platform.json' },
    // What is loaded is a file of the system, which an archive cannot hold.
    preferUnplugged: true,
  };
}

/**
 * Of mlx-router as it is published: it asks for the packages of all platforms, and npm takes the one that fits. It cannot see
 * which machine has a GPU, so the packages for GPUs are the user's to add; as peers they have to be of the same version.
 */
export function mainManifest(ours, environment = process.env) {
  const versions = (table) => Object.fromEntries(Object.keys(table).map((name) => [packageName(name), ours.version]));
  const optional = Object.fromEntries(Object.keys(cudaTargets).map((name) => [packageName(name), { optional: true }]));
  return {
    ...ours,
    ...madeIn(environment),
    optionalDependencies: { ...ours.optionalDependencies, ...versions(targets) },
    peerDependencies: { ...ours.peerDependencies, ...versions(cudaTargets) },
    peerDependenciesMeta: { ...ours.peerDependenciesMeta, ...optional },
    devDependencies: undefined,
    scripts: undefined,
  };
}
