import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { canonicalEmail } from '@cahier/platform';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { WindowQueries } from '../windows/window.queries.js';

/** Lets distinct declared addresses be counted within one campaign; nobody can be looked up, nor followed from one campaign to the next. */
@Injectable()
export class ParticipantReferences {
  /** By campaign. Never changes: a campaign keeps the version it began with. */
  private readonly keys = new Map<string, KeyObject>();

  constructor(private readonly windows: WindowQueries, @Inject(CONFIG) private readonly config: Config) {}

  /** HMAC-SHA-256 of the canonical address, hexadecimal. */
  async of(campaignId: string, email: string): Promise<string> {
    const key = this.keys.get(campaignId) ?? (await this.derive(campaignId));
    return createHmac('sha256', key).update(canonicalEmail(email)).digest('hex');
  }

  private async derive(campaignId: string): Promise<KeyObject> {
    const version = await this.windows.participantKey(campaignId);
    const ring = this.config.PARTICIPANT_KEYS;
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', ring.key(version ?? ring.current), campaignId, 'participant', 32)));
    // Ids that nobody has heard of come from anybody: they must not fill the memory.
    if (version !== undefined) this.keys.set(campaignId, key);
    return key;
  }
}
