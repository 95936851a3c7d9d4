/** Such as « 18 octobre 2015 à 22 h 05 min 30 s (heure de Europe/Paris) »; seconds only where there are any. */
export function frenchInstant(at: Date, zone: string): string {
  const date = new Intl.DateTimeFormat('fr-FR', { timeZone: zone, day: 'numeric', month: 'long', year: 'numeric' }).format(at);
  const parts = new Map(new Intl.DateTimeFormat('fr-FR', { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).formatToParts(at).map(({ type, value }) => [type, value]));
  const seconds = parts.get('second') === '00' ? '' : `\u00A0min\u00A0${parts.get('second')}\u00A0s`;
  return `${date.replace(/ /g, '\u00A0').replace(/^1\u00A0/, '1er\u00A0')} à ${Number(parts.get('hour'))}\u00A0h\u00A0${parts.get('minute')}${seconds}`;
}
