import { Temporal } from 'temporal-polyfill';
import { LocalTimeAmbiguous, LocalTimeInvalid } from './campaign.errors.js';

export type Disambiguation = 'earlier' | 'later';

/**
 * The one place where local time becomes UTC.
 * @param local `YYYY-MM-DDTHH:mm[:ss[.mmm]]`, as somebody typed it.
 * @param zone IANA name.
 * @throws LocalTimeInvalid for a text that is no local time or a zone that nobody knows; LocalTimeAmbiguous, naming both instants,
 * for a time that exists twice or never and came without disambiguation.
 */
export function resolveLocalTime(local: string, zone: string, disambiguation?: Disambiguation): Date {
  let plain: Temporal.PlainDateTime;
  let earlier: Temporal.ZonedDateTime;
  let later: Temporal.ZonedDateTime;
  try {
    plain = Temporal.PlainDateTime.from(local);
    earlier = plain.toZonedDateTime(zone, { disambiguation: 'earlier' });
    later = plain.toZonedDateTime(zone, { disambiguation: 'later' });
  } catch {
    throw new LocalTimeInvalid({ fr: 'La date locale ou le fuseau n’existe pas.', en: 'There is no such local date or time zone.' });
  }
  const [first, second] = [earlier, later].map(({ epochMilliseconds }) => new Date(epochMilliseconds));
  if (first!.getTime() !== second!.getTime() && disambiguation === undefined) {
    throw new LocalTimeAmbiguous(
      earlier.toPlainDateTime().equals(plain)
        ? { fr: 'Cette heure existe deux fois (passage à l’heure d’hiver) : précisez « earlier » ou « later ».', en: 'This time exists twice (end of summer time): say "earlier" or "later".' }
        : { fr: 'Cette heure n’existe pas (passage à l’heure d’été) : précisez « earlier » ou « later ».', en: 'This time does not exist (start of summer time): say "earlier" or "later".' },
      { earlier: first!.toISOString(), later: second!.toISOString() },
    );
  }
  return disambiguation === 'later' ? second! : first!;
}
