import { createComposeDatabases, drawSecrets } from './compose-secrets.js';

/** The one-shot services of docker-compose.yml that come before all others. */
const [task, folder, publicAddress] = process.argv.slice(2);
if (task === 'secrets' && folder !== undefined && publicAddress !== undefined) await drawSecrets(folder, publicAddress);
else if (task === 'databases' && folder !== undefined) await createComposeDatabases(folder);
else throw new Error('Usage: compose.program.js secrets <folder> <public address> | databases <folder>');
