import { idIn, linkIn, type Mail } from '../evidence/mails.js';
import { countBy, sameMembers, type Check } from './check.js';
import type { VisibleEvidence } from './evidence.js';
import { expectedOf } from './expectation.js';

/** A receipt for each filing with an address, to that address, with the link that manages this filing. */
export function receiptMails(evidence: VisibleEvidence): Check {
  const expected = expectedOf(evidence).filter(({ email }) => email !== undefined);
  const keys = new Map(expected.map(({ id, key }) => [id, key]));
  const seen = distinct(evidence.mails).flatMap((mail) => {
    const id = idIn(mail, 'manage');
    return id === undefined ? [] : [`${keys.get(id) ?? id} to ${mail.to}`];
  });
  return sameMembers('Receipts by mail, one per filing with an address', new Set(expected.map(({ key, email }) => `${key} to ${email}`)), seen);
}

/** Every member once, whoever sits in two bodies included. */
export function reportMails({ mails, cast }: VisibleEvidence): Check {
  const members = new Set(cast.bodies.flatMap((body) => body.members.map(({ email }) => email)));
  return sameMembers('Report in the mailboxes of the steering bodies', members, distinct(mails).filter((mail) => members.has(mail.to) && linkIn(mail, 'reports')).map(({ to }) => to));
}

/** Who confirmed hears of opening, extension and closing, until unsubscribing; who did not hears nothing after the request to confirm. */
export function subscriberMails({ mails, cast, extensions }: VisibleEvidence): Check {
  const received = (email: string): Mail[] => distinct(mails).filter(({ to }) => to === email);
  const wanted = { confirms: { confirmations: 1, others: 2 + extensions }, 'never-confirms': { confirmations: 1, others: 0 }, 'confirms-then-unsubscribes': { confirmations: 1, others: 1 } };
  const found = cast.subscribers.map(({ email, does }) => {
    const confirmations = received(email).filter((mail) => linkIn(mail, 'confirm')).length;
    return { email, does, wanted: wanted[does], confirmations, others: received(email).length - confirmations };
  });
  const wrong = found.filter((one) => one.confirmations !== one.wanted.confirmations || one.others !== one.wanted.others);
  const total = (counts: readonly { confirmations: number; others: number }[]): number => counts.reduce((sum, { confirmations, others }) => sum + confirmations + others, 0);
  return {
    name: 'Mails to subscribers, none beyond the first to the unconfirmed',
    expected: total(found.map((one) => one.wanted)),
    seen: total(found),
    differences: wrong.map((one) => `${one.email} (${one.does}): ${one.confirmations} confirmations and ${one.others} others, ${one.wanted.confirmations} and ${one.wanted.others} expected`),
  };
}

/** The report opens for whoever got it, and is the one of the manifest; the receipt's link shows what was filed. */
export function linksOpen({ links, cast }: VisibleEvidence): Check {
  const members = new Set(cast.bodies.flatMap((body) => body.members.map(({ email }) => email)));
  const missing = [...members].filter((email) => !links.some(({ link }) => link === `report for ${email}`));
  return {
    name: 'Links of reports and receipts, followed',
    expected: links.length + missing.length,
    seen: links.filter(({ problem }) => problem === undefined).length,
    differences: [...links.flatMap(({ link, problem }) => (problem === undefined ? [] : [`${link}: ${problem}`])), ...missing.map((email) => `no link to the report for ${email}`)],
  };
}

/** No mail twice but where a crash left it in doubt, and none to anybody that nobody named. */
export function mailsDistinct({ mails, dispatches, cast, filed, edges }: VisibleEvidence): Check {
  const known = new Set([...cast.subscribers, ...cast.bodies.flatMap(({ members }) => members)].map(({ email }) => email));
  for (const { email } of [...filed, ...edges]) if (email !== undefined) known.add(email);
  const attempts = new Map(dispatches.map((dispatch) => [dispatch.id, dispatch.attempts]));
  const repeated = [...countBy(mails, ({ messageId }) => messageId)].filter(([, times]) => times > 1);
  return {
    name: 'Mails, each with a Message-ID of its own',
    expected: mails.length,
    seen: repeated.length === 0 ? mails.length : `${mails.length} (${repeated.length} sent again after doubt)`,
    differences: [
      ...repeated.filter(([id, times]) => times > (attempts.get(dispatchOf(id)) ?? 1)).map(([id, times]) => `${times} mails with ${id}`),
      ...mails.filter(({ to }) => !known.has(to)).map(({ subject }) => `to somebody unknown: ${subject}`),
    ],
  };
}

/** Whoever is said to have been written to was, and nobody is left between states. Who unsubscribes may have been in an audience that was frozen just before. */
export function dispatchesSettled({ mails, dispatches, cast }: VisibleEvidence): Check {
  const sent = dispatches.filter(({ state }) => state === 'sent');
  const unsubscribers = cast.subscribers.filter(({ does }) => does === 'confirms-then-unsubscribes').length;
  const excused = new Set([...countBy(dispatches.filter(({ state }) => state === 'unsubscribed'), ({ kind }) => kind)].filter(([, times]) => times <= unsubscribers).map(([kind]) => kind));
  const compared = sameMembers('Dispatches sent, each with its mail', new Set(mails.map(({ messageId }) => dispatchOf(messageId))), sent.map(({ id }) => id));
  return { ...compared, differences: [...compared.differences, ...dispatches.filter(({ kind, state }) => state !== 'sent' && !(state === 'unsubscribed' && excused.has(kind))).map(({ kind, state }) => `${kind}: ${state}`)] };
}

/** A mail in doubt is sent again under its Message-ID, and shown once by whoever receives it twice. */
const distinct = (mails: readonly Mail[]): Mail[] => [...new Map(mails.map((mail) => [`${mail.messageId} ${mail.to}`, mail])).values()];

const dispatchOf = (messageId: string): string => messageId.replace(/^<|@.*$/g, '');
