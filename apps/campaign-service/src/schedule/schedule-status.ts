import { Status } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { FireDue } from './fire-due.use-case.js';

/** Whether an opening, a reminder or a closing is late. */
@Injectable()
export class ScheduleStatus {
  constructor(status: Status, fireDue: FireDue) {
    status.add('schedule-late-seconds', async () => Math.round(await fireDue.overdueSeconds()));
  }
}
