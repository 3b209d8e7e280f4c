/** How this program is given commands, where it is installed. */
import { basename, dirname } from 'node:path';

/** Its sources, and what `npm start` makes of them, know themselves to be in `src/`; a package's code in `dist/`. */
export const IN_REPOSITORY = basename(dirname(import.meta.dirname)) === 'src';

/** What stands before the name of a command. */
export const COMMAND = IN_REPOSITORY ? 'npm run -s tidemark --' : 'npx tidemark';
