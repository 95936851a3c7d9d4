import { messaging } from '../../messaging/src/index.js';

export const used = messaging;
