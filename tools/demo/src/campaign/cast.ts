import type { Bilingual, ConsultationRules, Language } from '@cahier/contracts';

export interface Person {
  readonly name: string;
  readonly email: string;
  readonly language: Language;
}

export interface Subscriber {
  readonly email: string;
  readonly language: Language;
  /** What this person does with the mails that come. */
  readonly does: 'confirms' | 'never-confirms' | 'confirms-then-unsubscribes';
}

export interface Cast {
  /** Of every address of this campaign, authors' included: mails are told apart by it. */
  readonly domain: string;
  readonly programme: Bilingual;
  readonly edition: Bilingual;
  readonly title: Bilingual;
  readonly presentation: Bilingual;
  readonly rules: ConsultationRules;
  readonly bodies: readonly { readonly code: string; readonly name: Bilingual; readonly members: readonly Person[] }[];
  readonly subscribers: readonly Subscriber[];
}

/** Who and what the story is about. People have offices, not names. @param mark tells campaigns of one stack apart. */
export function cast(mark = ''): Cast {
  const domain = `${mark && `${mark}.`}example.org`;
  const at = (name: string): string => `${name}@${domain}`;
  const code = (name: string): string => `${name}${mark && `-${mark.toUpperCase()}`}`;
  const rapporteur: Person = { name: 'Rapporteur', email: at('rapporteur'), language: 'fr' };
  return {
    domain,
    programme: { fr: 'Consultations sur le numérique', en: 'Consultations on digital affairs' },
    edition: { fr: 'Édition 2015, rejouée', en: 'The 2015 edition, replayed' },
    title: { fr: 'Pour une République numérique', en: 'For a Digital Republic' },
    presentation: {
      fr: 'Le projet de loi est soumis à l’avis de tous, article par article : chacun peut le commenter, proposer et argumenter.',
      en: 'The bill is open to everybody’s opinion, article by article: anyone may comment, propose and argue.',
    },
    rules: {
      purpose: {
        fr: 'Recueillir l’avis du public sur les trente articles du projet de loi avant son examen.',
        en: 'To hear the public’s opinion on the thirty articles of the bill before it is examined.',
      },
      participation: {
        fr: 'Toute personne peut contribuer sans compte. Les contributions contraires à la loi sont masquées avec leur motif.',
        en: 'Anybody may contribute without an account. Contributions that break the law are hidden, with the reason.',
      },
      followUp: {
        fr: 'Le rapport de la consultation est remis aux comités à la clôture, puis publié.',
        en: 'The report of the consultation is handed to the committees at closing, then published.',
      },
      responsibleService: {
        name: { fr: 'Service de la consultation (démonstration)', en: 'Consultation service (demonstration)' },
        email: 'consultation@example.org',
        postalAddress: '1 rue de l’Exemple, 75000 Paris',
        telephone: '+33 1 99 00 00 00',
      },
    },
    bodies: [
      {
        code: code('COPIL'),
        name: { fr: 'Comité de pilotage', en: 'Steering committee' },
        members: [{ name: 'Présidence du comité de pilotage', email: at('presidence'), language: 'fr' }, rapporteur],
      },
      {
        code: code('CSUIVI'),
        name: { fr: 'Comité de suivi', en: 'Follow-up committee' },
        // One person sits in both.
        members: [rapporteur, { name: 'Secretariat of the follow-up committee', email: at('secretariat'), language: 'en' }],
      },
    ],
    subscribers: [
      { email: at('lectrice'), language: 'fr', does: 'confirms' },
      { email: at('reader'), language: 'en', does: 'confirms' },
      { email: at('indecis'), language: 'fr', does: 'never-confirms' },
      { email: at('lasse'), language: 'fr', does: 'confirms-then-unsubscribes' },
    ],
  };
}
