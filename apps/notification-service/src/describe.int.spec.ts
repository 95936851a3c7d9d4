import { testDescription } from '@cahier/testing';
import { api } from './api.js';
import { SERVICE } from './app.module.js';
import { startService } from './harness.spec.js';

testDescription({ service: SERVICE, api, here: import.meta.url, start: startService });
