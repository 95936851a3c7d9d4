import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { run } from '@cahier/admin';
import { serviceNames, type ServiceName } from '@cahier/local-stack';
import { describe, expect, it } from '@jest/globals';
import type { Json, Target } from './security/target.js';

/** `npm run admin -- …` on the running system: every command does what it says, and is found in the audit trail. */
export function adminCases(target: () => Target): void {
  const admin = async (line: string) => {
    const out: string[] = [];
    const err: string[] = [];
    const addresses = Object.fromEntries(serviceNames.map((name) => [`CAHIER_${name.toUpperCase().replace('-', '_')}_URL`, target().stage.services[name].url]));
    const code = await run(line.split(' '), {
      out: (text) => out.push(text), err: (text) => err.push(text), isInteractive: false, ask: async () => '', environment: { ...addresses, CAHIER_TOKEN: await target().token('admin') },
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  };
  /** @returns what is printed for programs. */
  const json = async (line: string, code = 0): Promise<Json> => {
    const ended = await admin(`${line} --json`);
    expect([line, ended.code, ended.err]).toEqual([line, code, '']);
    return JSON.parse(ended.out);
  };
  const rows = <Row = Json>(service: ServiceName, sql: string, values: readonly unknown[] = []) => target().rows<Row>(service, sql, values);

  describe('npm run admin', () => {
    it('status tells of every service', async () => {
      const { code, out } = await admin('status --json');
      const { services, remarks } = JSON.parse(out);
      expect(code).toBe(remarks.length > 0 ? 1 : 0);
      expect(services.map(({ service, status }: Json) => [service, status?.ready])).toEqual(serviceNames.map((name) => [name, true]));
    });

    it('dead-letters: lists, shows, replays, discards', async () => {
      const [{ envelope, id }] = await rows<{ envelope: string; id: string }>('campaign-service', `SELECT envelope, id FROM outbox WHERE topic = 'campaign.events' LIMIT 1`) as [{ envelope: string; id: string }];
      const keep = async (value: string): Promise<string> =>
        (await rows<{ id: string }>('contribution-service', `INSERT INTO dead_letter (topic, partition, message_offset, value, event_id, cause, attempts) VALUES ('campaign.events', 0, $1, $2, $3, 'Error at a test', 5) RETURNING id`, [Math.floor(Math.random() * 1e9), Buffer.from(value), id]))[0]!.id;
      const [heard, broken] = [await keep(envelope), await keep('{')];
      const list = await json('dead-letters list contribution', 1);
      expect(list.deadLetters.map(({ deadLetterId }: Json) => deadLetterId)).toEqual(expect.arrayContaining([heard, broken]));
      expect(await json(`dead-letters show contribution ${broken}`)).toMatchObject({ state: 'open', attempts: 5 });
      expect(await admin('dead-letters replay contribution --all')).toMatchObject({ code: 1, out: '1 handled, 1 failed again.', err: expect.stringContaining(broken) });
      expect(await json(`dead-letters show contribution ${heard}`)).toMatchObject({ state: 'replayed' });
      expect(await json(`dead-letters show contribution ${broken}`)).toMatchObject({ state: 'open', attempts: 6 });
      expect((await admin(`dead-letters discard contribution ${broken} --reason test`)).code).toBe(2);
      expect(await json(`dead-letters discard contribution ${broken} --reason test --yes`)).toMatchObject({ state: 'discarded', reason: 'test' });
      expect((await json('dead-letters list contribution')).deadLetters).toEqual([]);
    });

    it('reports: compares a report with what is made again, finds a touched file, puts it back', async () => {
      const analyst = await target().token('analyst');
      const { reportId } = (await target().ask('reporting-service', `/staff/campaigns/${target().campaignId}/reports`, { method: 'POST', token: analyst, body: {} })).json;
      await target().until('the report is made', async () => (await target().ask('reporting-service', `/staff/reports/${reportId}`, { token: analyst })).json.state === 'published');
      expect((await json('reports list')).items.map(({ reportId: id }: Json) => id)).toContain(reportId);
      expect(await json(`reports compare ${reportId}`)).toMatchObject({ outcome: 'identical' });
      const [{ attempt }] = await rows('reporting-service', 'SELECT attempt FROM report WHERE report_id = $1', [reportId]);
      writeFileSync(join(target().stage.services['reporting-service'].env.REPORT_STORE_FOLDER!, `${reportId}-${attempt}`, 'figures.json'), '{}');
      expect(await json(`reports compare ${reportId}`, 1)).toMatchObject({ outcome: 'different' });
      expect(await json(`reports rebuild ${reportId}`)).toMatchObject({ outcome: 'identical' });
      expect((await admin(`reports compare ${reportId}`)).out).toMatch(/Identical\.$/);
      expect((await admin(`reports compare ${randomUUID()}`)).err).toContain('report.unknown');
    });

    it('projection rebuild makes the same copies again, while everything runs', async () => {
      const copies = async () => (await rows('reporting-service', ['campaign', 'document', 'document_node', 'contribution'].map((table) => `SELECT '${table}' AS name, count(*)::integer AS n, md5(string_agg(t::text, '' ORDER BY t::text)) AS hash FROM ${table} AS t`).join(' UNION ALL ')));
      const before = await copies();
      expect((await admin('projection rebuild')).code).toBe(2);
      expect(await json('projection rebuild --yes')).toMatchObject({ heard: true });
      expect(await copies()).toEqual(before);
    });

    it('mails sweep, retention run and republish tell what they did', async () => {
      expect(await json('mails sweep')).toEqual({ mails: expect.any(Number) });
      expect((await admin(`mails resend ${randomUUID()} --yes`)).code).toBe(1);
      expect(Object.keys(await json('retention run --yes'))).toEqual(serviceNames);
      expect(await json('republish campaign')).toEqual({ service: 'campaign-service', facts: expect.any(Number) });
    });

    it('audit has it all', async () => {
      const { actions } = await json('audit --subject admin --limit 200');
      expect(actions.map(({ action }: Json) => action)).toEqual(expect.arrayContaining(['dead-letter.replay', 'dead-letter.discard', 'report.compare', 'report.rebuild', 'projections.empty', 'dispatches.sweep', 'retention.run', 'facts.republish']));
      expect((await json(`audit --campaign ${target().campaignId}`)).actions.map(({ action }: Json) => action)).toEqual(expect.arrayContaining(['campaign.create', 'document.import', 'campaign.schedule', 'report.order', 'report.compare']));
    });
  });
}
