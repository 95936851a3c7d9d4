import { Module } from '@nestjs/common';
import { MailingModule } from '../mailings/mailing.module.js';
import { Feeder } from './feeder.js';
import { MailWatch } from './mail-watch.js';
import { Queues } from './queues.js';
import { RecoverDispatches } from './recover-dispatches.js';
import { SendMail } from './send-mail.use-case.js';
import { Smtp } from './smtp.js';

@Module({ imports: [MailingModule], providers: [Smtp, SendMail, Queues, RecoverDispatches, Feeder, MailWatch], exports: [SendMail, RecoverDispatches, Feeder] })
export class DispatchModule {}
