import { Module } from '@nestjs/common';
import { MailingModule } from '../mailings/mailing.module.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { Feeder } from './feeder.js';
import { Queues } from './queues.js';
import { QueueDurability } from './queue-durability.js';
import { RecoverDispatches } from './recover-dispatches.js';
import { SendMail } from './send-mail.use-case.js';
import { Smtp } from './smtp.js';

@Module({ imports: [MailingModule], providers: [Smtp, SendMail, Queues, QueueDurability, RecoverDispatches, Feeder, DispatchMetrics], exports: [SendMail, RecoverDispatches, Feeder] })
export class DispatchModule {}
