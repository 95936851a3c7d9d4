import type { ServiceName } from '@cahier/local-stack';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from '../scenario.js';
import type { World } from '../world/world.js';

const publishers: readonly ServiceName[] = ['campaign-service', 'contribution-service', 'reporting-service'];

/** Every second event is written as a next version would: with members that nobody here has heard of, at each level. */
const AS_THE_NEXT_VERSION = `
  CREATE OR REPLACE FUNCTION as_next_version() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE event jsonb = NEW.envelope; BEGIN
    event = event || '{"addedlater": 1}' || jsonb_build_object('data', event -> 'data' || '{"addedLater": {"deep": [1, "é"]}}');
    IF event #> '{data,classification}' IS NOT NULL THEN event = jsonb_set(event, '{data,classification,addedLater}', 'true'); END IF;
    IF event #> '{data,window}' IS NOT NULL THEN event = jsonb_set(event, '{data,window,addedLater}', 'true'); END IF;
    IF NEW.position % 2 = 0 THEN NEW.envelope = event::text; END IF;
    RETURN NEW;
  END $$;
  CREATE OR REPLACE TRIGGER as_next_version BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION as_next_version()`;

export const f26: Scenario<World> = {
  id: 'F26', title: 'Two versions at once: events with members of the next one', invariants: ['E2', 'E3', 'E4', 'E5'], load: { seconds: 8 },
  before: async (world) => void (await Promise.all(publishers.map((name) => world.query(name, AS_THE_NEXT_VERSION)))),
  async run(world) {
    await sleep(world.untilClosing() + 4_000); // the seal and the report's event, too
    for (const name of publishers) await world.query(name, 'DROP TRIGGER as_next_version ON outbox; DROP FUNCTION as_next_version()');
    const [row] = await world.query<{ n: number }>('contribution-service', `SELECT count(*)::int AS n FROM outbox WHERE envelope LIKE '%addedLater%'`);
    if (row?.n === 0) throw new Error('No event was of the next version');
  },
};
