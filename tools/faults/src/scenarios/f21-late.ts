import type { ServiceName } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

/** Events of these types are kept in the outbox, some keys only, as if they were on their way. */
async function holdBack(world: World, name: ServiceName, types: string, keys = 'true'): Promise<void> {
  await world.query(name, `
    CREATE OR REPLACE FUNCTION hold_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.envelope::jsonb ->> 'type' ~ '${types}' AND (${keys}) THEN NEW.published_at = 'infinity'; END IF;
      RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER hold_back BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold_back()`);
}

async function release(world: World, name: ServiceName, type: string): Promise<void> {
  const rows = await world.query(name, `UPDATE outbox SET published_at = NULL WHERE published_at = 'infinity' AND envelope::jsonb ->> 'type' = $1 RETURNING 1`, [type]);
  if (rows.length === 0) throw new Error(`No ${type} was held back`);
  await sleep(1_500);
}

const letGo = (world: World, name: ServiceName): Promise<unknown[]> => world.query(name, 'DROP TRIGGER IF EXISTS hold_back ON outbox; DROP FUNCTION IF EXISTS hold_back()');

/** The last version comes first; then the first, then the one between: who believes the last that came shows what was hidden as hidden for ever. */
export const f21: Scenario<World> = {
  id: 'F21', title: 'Events late and out of order', invariants: ['E3', 'E4', 'N1', 'R2'], load: { seconds: 10 }, quietSeconds: 20, outOfOrder: true,
  async before(world) {
    await holdBack(world, 'campaign-service', 'campaign\\.opened');
    await holdBack(world, 'contribution-service', 'contribution\\.(submitted|hidden)', `get_byte(decode(right(NEW.key, 2), 'hex'), 0) % 3 = 0`);
  },
  async run(world) {
    if ((await world.extend(new Date(world.closesAt.getTime() + 2_000))) !== 200) throw new Error('The closing could not be moved');
    await sleep(3_000);
    const held = await world.query<{ key: string }>('contribution-service', `SELECT key FROM outbox WHERE published_at = 'infinity' LIMIT 6`);
    for (const action of ['hide', 'show']) {
      for (const { key } of held) await world.moderator.reply(`${world.services['contribution-service'].url}/staff/contributions/${key}/${action}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ reason: 'Essai' }) });
    }
    await sleep(1_500);
    await letGo(world, 'contribution-service');
    await letGo(world, 'campaign-service');
    await release(world, 'campaign-service', 'campaign.opened.v1');
    await release(world, 'contribution-service', 'contribution.submitted.v1');
    await release(world, 'contribution-service', 'contribution.hidden.v1');
  },
};
