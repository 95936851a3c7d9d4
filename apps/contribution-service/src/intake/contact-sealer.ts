import type { SealedContact } from '@cahier/contracts';
import { createSealer } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';

/** Seals what the receipt's mail needs for notification-service alone; nobody here can open it again. */
@Injectable()
export class ContactSealer {
  readonly seal: (contact: SealedContact) => Promise<string>;

  constructor(@Inject(CONFIG) config: Config) {
    this.seal = createSealer(config.CONTACT_SEALING_PUBLIC_JWK);
  }
}
