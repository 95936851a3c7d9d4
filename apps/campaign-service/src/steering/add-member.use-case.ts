import type { Language } from '@cahier/contracts';
import { type Actor, recordStaffAction, serviceNow } from '@cahier/platform';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { CampaignEvents } from '../campaigns/campaign-facts.js';
import { isUniqueViolation } from '../unique-violation.js';
import { saySteeringChanged } from './say-steering-changed.js';
import { MemberKnown, SteeringBodyNotFound } from './steering.errors.js';
import { Member, SteeringBody } from './steering-body.entity.js';

@Injectable()
export class AddMember {
  constructor(private readonly db: DataSource, private readonly events: CampaignEvents) {}

  /** @returns the new member's id. @throws SteeringBodyNotFound, MemberKnown. */
  async execute(steeringBodyId: string, input: { name: string; email: string; language: Language }, by: Actor): Promise<string> {
    const memberId = randomUUID();
    try {
      await this.db.transaction(async (tx) => {
        if (!(await tx.findOne(SteeringBody, { where: { steeringBodyId }, lock: { mode: 'for_no_key_update' } }))) throw new SteeringBodyNotFound();
        await tx.insert(Member, { memberId, steeringBodyId, ...input });
        await recordStaffAction(tx, by, { action: 'member.add', targetId: memberId });
        await saySteeringChanged(tx, this.events, steeringBodyId, await serviceNow(tx));
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new MemberKnown({ fr: 'Cette adresse est déjà celle d’un membre.', en: 'A member has this address already.' });
      throw error;
    }
    return memberId;
  }
}
