import { mkdirSync, writeFileSync } from 'node:fs';
import { asyncApi, eventsPage } from './documentation.js';

const docs = new URL('../../../docs/', import.meta.url);
mkdirSync(docs, { recursive: true });
writeFileSync(new URL('events.md', docs), eventsPage());
writeFileSync(new URL('asyncapi.json', docs), `${JSON.stringify(asyncApi(), null, 2)}\n`);
