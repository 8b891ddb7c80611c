import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const sha256 = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

/** The components and files of a package in the form of CycloneDX 1.6; the same files give the same text. */
export function sbom({ name, version, folder, files, components }) {
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const licences = (licence) => [licence.includes(' ') ? { expression: licence } : { license: { id: licence } }];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'library', 'bom-ref': purl, name, version, purl, licenses: licences('MIT') },
    },
    components: [
      ...components.map((one) => ({
        type: 'library',
        'bom-ref': one.purl ?? one.name,
        name: one.name,
        ...(one.version && { version: one.version }),
        ...(one.purl && { purl: one.purl }),
        description: one.source,
        licenses: licences(one.licence),
      })),
      ...files.map((file) => ({
        type: 'file',
        'bom-ref': `file:${file}`,
        name: file,
        hashes: [{ alg: 'SHA-256', content: sha256(join(folder, file)) }],
      })),
    ],
  };
}
