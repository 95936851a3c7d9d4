import { used } from '../things/thing.entity.js';

export const again = used;
