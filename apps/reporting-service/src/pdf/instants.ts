/** Such as « 18 octobre 2015 à 22 h 05 » or « 1er mars 2026 à 9 h 00 min 30 s »; local time of the zone, seconds only where there are any. */
export function frenchInstant(at: Date, zone: string): string {
  const date = new Intl.DateTimeFormat('fr-FR', { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' }).format(at).replace(/ /g, '\u00A0').replace(/^1\u00A0/, '1er\u00A0');
  const [hour, minute, second] = clock(at, zone);
  return `${date} à ${Number(hour)}\u00A0h\u00A0${minute}${second === '00' ? '' : `\u00A0min\u00A0${second}\u00A0s`}`;
}

/** Such as “18 October 2015 at 22:05 (Europe/Paris)”. */
export function englishInstant(at: Date, zone: string): string {
  const date = new Intl.DateTimeFormat('en-GB', { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' }).format(at).replace(/ /g, '\u00A0');
  const [hour, minute, second] = clock(at, zone);
  return `${date} at ${hour}:${minute}${second === '00' ? '' : `:${second}`} (${zone})`;
}

function clock(at: Date, zone: string): [hour: string, minute: string, second: string] {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(at);
  const part = (name: string) => parts.find(({ type }) => type === name)!.value;
  return [part('hour'), part('minute'), part('second')];
}
