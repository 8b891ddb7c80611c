// Installs what the stage `loops` needs, GUDHI, into a folder of the example's own.
import { installExtra } from '../shared/install-extra.ts';
import { SITE } from './folders.ts';

process.exitCode = (await installExtra('topology', SITE)) ? 0 : 1;
