import { Module } from '@nestjs/common';
import { MailingModule } from '../mailings/mailing.module.js';
import { Templates } from '../mails/templates.js';
import { DispatchJournal } from './dispatch-journal.js';
import { Feeder } from './feeder.js';
import { MailWatch } from './mail-watch.js';
import { Queues } from './queues.js';
import { QueueDurability } from './queue-durability.js';
import { RecoverDispatches } from './recover-dispatches.js';
import { SendMails } from './send-mails.use-case.js';
import { Smtp } from './smtp.js';
import { Sweeper } from './sweeper.js';

@Module({ imports: [MailingModule], providers: [Smtp, Templates, DispatchJournal, SendMails, Queues, QueueDurability, RecoverDispatches, Sweeper, Feeder, MailWatch] })
export class DispatchModule {}
