import { Status } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Mails that are on their way, and those that will not go without somebody. */
@Injectable()
export class MailStatus {
  constructor(status: Status, db: DataSource) {
    for (const state of ['pending', 'indeterminate', 'failed']) {
      status.add(`mails-${state}`, async () => {
        const [row] = await db.query<[{ count: number }]>('SELECT count(*)::integer AS count FROM dispatch WHERE state = $1', [state]);
        return row.count;
      });
    }
  }
}
