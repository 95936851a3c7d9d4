import { Status } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { SealQueries } from './seal.queries.js';

/** Whether a campaign that has closed waits for its seal. */
@Injectable()
export class SealStatus {
  constructor(status: Status, queries: SealQueries) {
    status.add('seal-wait-seconds', async () => Math.round(await queries.longestWaitSeconds()));
  }
}
