import { outboxAgeMs } from '@cahier/messaging';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { ChangeNotHeard } from './campaign.errors.js';

/** Whether a change of window would be heard in time. */
@Injectable()
export class WindowChange {
  /** How far ahead it must take effect, in milliseconds. */
  readonly notice: number;

  constructor(@Inject(CONFIG) config: Config) {
    this.notice = config.WINDOW_CHANGE_NOTICE_SECONDS * 1_000;
  }

  /** @throws ChangeNotHeard while what was said before has waited longer than a third of the notice. */
  async requireHearing(tx: EntityManager): Promise<void> {
    if ((await outboxAgeMs(tx)) > this.notice / 3) {
      throw new ChangeNotHeard({ fr: 'La diffusion des événements est interrompue : réessayez quand elle aura repris.', en: 'Events are not being published: try again once they are.' });
    }
  }
}
