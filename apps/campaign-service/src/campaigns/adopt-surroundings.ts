import type { CampaignFacts } from '@cahier/contracts';
import type { EntityManager } from 'typeorm';

/**
 * Programme, edition and steering bodies, where the database has none of that id. Members' addresses are sealed for another
 * service: who is missing or too many is told, and entered by hand.
 */
export async function adoptSurroundings(tx: EntityManager, { programme, edition, steeringBodies }: CampaignFacts): Promise<string[]> {
  await tx.query('INSERT INTO programme (programme_id, title) VALUES ($1, $2) ON CONFLICT DO NOTHING', [programme.programmeId, programme.title]);
  await tx.query('INSERT INTO edition (edition_id, programme_id, year, label) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING', [edition.editionId, programme.programmeId, edition.year, edition.label]);
  const notes: string[] = [];
  for (const { bodyId, code, name, members } of steeringBodies) {
    await tx.query('INSERT INTO steering_body (steering_body_id, code, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [bodyId, code, name]);
    const known = await tx.query<{ member_id: string }[]>('SELECT member_id FROM member WHERE steering_body_id = $1', [bodyId]);
    const there = new Set(known.map(({ member_id }) => member_id));
    const said = new Set(members.map(({ memberId }) => memberId));
    const missing = [...said].filter((memberId) => !there.has(memberId)).length;
    const surplus = [...there].filter((memberId) => !said.has(memberId));
    if (missing > 0) notes.push(`Steering body ${code}: ${missing} members were added since. Their addresses are sealed in the events: add them again.`);
    if (surplus.length > 0) notes.push(`Steering body ${code}: members ${surplus.join(', ')} were removed since. Remove them again.`);
  }
  return notes;
}
