// Installs Qulacs, which the example compares itself with, into a folder of the example's own. Without it that is left out.
import { installExtra } from '../shared/install-extra.ts';
import { SITE } from './folders.ts';

await installExtra('quantum', SITE);
