import { type CampaignFacts, headlineFigures, instant, type Language, type MailingKind, sha256Hex } from '@cahier/contracts';
import { z } from 'zod';
import type { MailContent } from './render-mail.js';
import { french, whenSaid } from './typography.js';

/** What each kind of mail needs beside the campaign: of the mailing, and of one recipient. */
export const mailParameters = {
  confirmation: { mailing: z.object({}), recipient: z.object({ confirmUrl: z.url() }) },
  receipt: {
    mailing: z.object({}),
    recipient: z.object({ contributionId: z.uuid(), filingNumber: z.string(), receivedAt: instant, bodySha256: sha256Hex, manageUrl: z.url() }),
  },
  withdrawal: { mailing: z.object({}), recipient: z.object({ filingNumber: z.string(), at: instant }) },
  moderation: { mailing: z.object({}), recipient: z.object({ filingNumber: z.string(), action: z.enum(['hidden', 'shown']), reason: z.string(), manageUrl: z.url() }) },
  opening: { mailing: z.object({}), recipient: z.object({}) },
  reminder: { mailing: z.object({ hoursBeforeClosing: z.int() }), recipient: z.object({}) },
  'deadline-extended': { mailing: z.object({ reason: z.string(), previousClosesAt: instant }), recipient: z.object({}) },
  closing: { mailing: z.object({}), recipient: z.object({}) },
  cancellation: { mailing: z.object({ reason: z.string() }), recipient: z.object({}) },
  report: {
    mailing: z.object({ reportId: z.uuid(), number: z.string(), version: z.int(), kind: z.enum(['closing', 'interim']), cutoff: instant, headline: headlineFigures }),
    recipient: z.object({ name: z.string(), bodies: z.array(z.string()).min(1), reportUrl: z.url() }),
  },
} as const satisfies Record<MailingKind, { mailing: z.ZodObject; recipient: z.ZodObject }>;

/** Whether the words are the same for everybody in a mailing, so that they are made once. */
export const saysTheSameToAll = (kind: MailingKind): boolean => Object.keys(mailParameters[kind].recipient.shape).length === 0;

export type MailingParameters<K extends MailingKind> = z.infer<(typeof mailParameters)[K]['mailing']>;
export type RecipientParameters<K extends MailingKind> = z.infer<(typeof mailParameters)[K]['recipient']>;

interface Place {
  readonly campaign: CampaignFacts;
  readonly language: Language;
  /** Where everybody finds the campaign. */
  readonly campaignUrl: string;
}

/** The words of one mail. @throws ZodError when a parameter is missing: such a mail is not sent. */
export function contentOf(kind: MailingKind, place: Place, mailing: unknown, recipient: unknown): MailContent {
  const { language } = place;
  const content = builders[kind](place, { ...mailParameters[kind].mailing.parse(mailing), ...mailParameters[kind].recipient.parse(recipient) } as never);
  return { ...content, notes: [...content.notes, ...aboutService(place.campaign, language)] };
}

const say = (language: Language, fr: string, en: string): string => (language === 'fr' ? french(fr) : en);
const number = (value: number, language: Language): string => new Intl.NumberFormat(language === 'fr' ? 'fr-FR' : 'en-GB').format(value);

/** Who is in charge, as every message of an administration must say (CRPA L.111-2, R.112-11-1). */
function aboutService({ rules: { responsibleService: service } }: CampaignFacts, language: Language): string[] {
  return [`${service.name[language]}, ${service.postalAddress}, ${service.telephone.replaceAll(' ', '\u00a0')}, ${service.email}`];
}

function window({ campaign: { window: dates }, language }: Place): { opens: string; closes: string } {
  if (!dates) throw new Error('The campaign has no window');
  return { opens: whenSaid(dates.opensAt, dates.zone, language), closes: whenSaid(dates.closesAt, dates.zone, language) };
}

type Builders = { [K in MailingKind]: (place: Place, parameters: MailingParameters<K> & RecipientParameters<K>) => MailContent };

const builders: Builders = {
  confirmation: ({ campaign, language }, { confirmUrl }) => {
    const title = campaign.title[language];
    return {
      subject: say(language, `Confirmez votre abonnement`, `Confirm your subscription`) + ` – ${title}`,
      preview: say(language, `Une dernière étape pour recevoir les nouvelles de la consultation.`, `One last step to hear about the consultation.`),
      heading: say(language, `Confirmez votre abonnement`, `Confirm your subscription`),
      paragraphs: [
        say(language, `Quelqu’un, sans doute vous, a demandé à recevoir à cette adresse les nouvelles de la consultation :`, `Somebody, probably you, asked to receive at this address news of the consultation:`),
        title,
        say(language, `Si vous n’êtes pas à l’origine de cette demande, ne faites rien : vous ne recevrez rien d’autre.`, `If you did not ask for it, do nothing: you will receive nothing else.`),
      ],
      action: { label: say(language, `Confirmer mon abonnement`, `Confirm my subscription`), url: confirmUrl },
      notes: [],
    };
  },
  receipt: ({ campaign, language }, { filingNumber, receivedAt, bodySha256, manageUrl }) => ({
    subject: `${say(language, `Accusé de réception`, `Acknowledgement of receipt`)} ${filingNumber}`,
    preview: say(language, `Votre contribution est enregistrée.`, `Your contribution is recorded.`),
    heading: say(language, `Votre contribution est enregistrée`, `Your contribution is recorded`),
    paragraphs: [
      say(language, `Nous avons reçu votre contribution à la consultation :`, `We have received your contribution to the consultation:`),
      campaign.title[language],
      say(language, `Jusqu’à la clôture, vous pouvez la relire ou la retirer par le lien ci-dessous. Ce lien est personnel : ne le transmettez pas.`, `Until closing you can read it again or withdraw it through the link below. The link is personal: do not pass it on.`),
    ],
    facts: [
      { label: say(language, `Numéro de dépôt`, `Filing number`), value: filingNumber },
      { label: say(language, `Reçue le`, `Received on`), value: whenSaid(receivedAt, campaign.window?.zone ?? 'Europe/Paris', language, true) },
      { label: say(language, `Empreinte SHA-256`, `SHA-256 fingerprint`), value: bodySha256 },
    ],
    action: { label: say(language, `Relire ou retirer ma contribution`, `Read or withdraw my contribution`), url: manageUrl },
    notes: [say(language, `Cet accusé de réception est délivré en application des articles L.112-11 et R.112-11-1 du code des relations entre le public et l’administration.`, `This acknowledgement is issued under articles L.112-11 and R.112-11-1 of the French code of relations between the public and the administration.`)],
  }),
  withdrawal: ({ campaign, language }, { filingNumber, at }) => ({
    subject: `${say(language, `Contribution retirée`, `Contribution withdrawn`)} ${filingNumber}`,
    preview: say(language, `Votre contribution est retirée.`, `Your contribution is withdrawn.`),
    heading: say(language, `Votre contribution est retirée`, `Your contribution is withdrawn`),
    paragraphs: [
      say(language, `À votre demande, votre contribution à la consultation suivante a été retirée. Son texte n’apparaîtra ni en ligne ni dans le rapport.`, `At your request, your contribution to the following consultation was withdrawn. Its text will appear neither online nor in the report.`),
      campaign.title[language],
    ],
    facts: [
      { label: say(language, `Numéro de dépôt`, `Filing number`), value: filingNumber },
      { label: say(language, `Retirée le`, `Withdrawn on`), value: whenSaid(at, campaign.window?.zone ?? 'Europe/Paris', language, true) },
    ],
    notes: [],
  }),
  moderation: ({ campaign, language }, { filingNumber, action, reason, manageUrl }) => {
    const heading = action === 'hidden' ? say(language, `Votre contribution a été masquée`, `Your contribution was hidden`) : say(language, `Votre contribution est de nouveau visible`, `Your contribution is visible again`);
    return {
      subject: `${heading} (${filingNumber})`,
      preview: heading,
      heading,
      paragraphs: [
        action === 'hidden'
          ? say(language, `Un modérateur a masqué votre contribution à la consultation suivante. Elle reste comptée ; son texte n’est plus montré.`, `A moderator has hidden your contribution to the following consultation. It is still counted; its text is no longer shown.`)
          : say(language, `Un modérateur a levé le masquage de votre contribution à la consultation :`, `A moderator has lifted the hiding of your contribution to the consultation:`),
        campaign.title[language],
      ],
      facts: [{ label: say(language, `Numéro de dépôt`, `Filing number`), value: filingNumber }, { label: say(language, `Motif`, `Reason`), value: reason }],
      action: { label: say(language, `Relire ma contribution`, `Read my contribution`), url: manageUrl },
      notes: [say(language, `Pour contester cette décision, écrivez au service responsable, en citant le numéro de dépôt.`, `To contest this decision write to the service in charge, quoting the filing number.`)],
    };
  },
  opening: (place) => {
    const { campaign, language, campaignUrl } = place;
    return {
      subject: `${say(language, `La consultation est ouverte`, `The consultation is open`)} – ${campaign.title[language]}`,
      preview: say(language, `Vous pouvez contribuer dès maintenant.`, `You can contribute now.`),
      heading: say(language, `La consultation est ouverte`, `The consultation is open`),
      paragraphs: [campaign.title[language], campaign.presentation[language], `${say(language, `Clôture :`, `Closing:`)} ${window(place).closes}.`],
      action: { label: say(language, `Voir la consultation`, `See the consultation`), url: campaignUrl },
      notes: [],
    };
  },
  reminder: (place, { hoursBeforeClosing }) => {
    const { campaign, language, campaignUrl } = place;
    const left = hoursBeforeClosing % 24 === 0
      ? say(language, hoursBeforeClosing === 24 ? `un jour` : `${hoursBeforeClosing / 24} jours`, hoursBeforeClosing === 24 ? `one day` : `${hoursBeforeClosing / 24} days`)
      : say(language, hoursBeforeClosing === 1 ? `une heure` : `${hoursBeforeClosing} heures`, hoursBeforeClosing === 1 ? `one hour` : `${hoursBeforeClosing} hours`);
    return {
      subject: `${say(language, `Clôture dans ${left}`, `Closing in ${left}`)} – ${campaign.title[language]}`,
      preview: say(language, `Il reste ${left} pour contribuer.`, `There is ${left} left to contribute.`),
      heading: say(language, `Il reste ${left} pour contribuer`, `${left} left to contribute`),
      paragraphs: [campaign.title[language], `${say(language, `Clôture :`, `Closing:`)} ${window(place).closes}.`],
      action: { label: say(language, `Voir la consultation`, `See the consultation`), url: campaignUrl },
      notes: [],
    };
  },
  'deadline-extended': (place, { reason, previousClosesAt }) => {
    const { campaign, language, campaignUrl } = place;
    return {
      subject: `${say(language, `La consultation est prolongée`, `The consultation is extended`)} – ${campaign.title[language]}`,
      preview: say(language, `La clôture est repoussée.`, `The closing has moved.`),
      heading: say(language, `La consultation est prolongée`, `The consultation is extended`),
      paragraphs: [campaign.title[language]],
      facts: [
        { label: say(language, `Nouvelle clôture`, `New closing`), value: window(place).closes },
        { label: say(language, `Clôture précédente`, `Previous closing`), value: whenSaid(previousClosesAt, campaign.window?.zone ?? 'Europe/Paris', language) },
        { label: say(language, `Motif`, `Reason`), value: reason },
      ],
      action: { label: say(language, `Voir la consultation`, `See the consultation`), url: campaignUrl },
      notes: [],
    };
  },
  closing: ({ campaign, language, campaignUrl }) => ({
    subject: `${say(language, `La consultation est close`, `The consultation is closed`)} – ${campaign.title[language]}`,
    preview: say(language, `Merci à toutes celles et à tous ceux qui ont contribué.`, `Thank you to all who contributed.`),
    heading: say(language, `La consultation est close`, `The consultation is closed`),
    paragraphs: [campaign.title[language], campaign.rules.followUp[language], say(language, `Merci à toutes celles et à tous ceux qui ont contribué.`, `Thank you to all who contributed.`)],
    action: { label: say(language, `Voir la consultation`, `See the consultation`), url: campaignUrl },
    notes: [],
  }),
  cancellation: ({ campaign, language }, { reason }) => ({
    subject: `${say(language, `La consultation est annulée`, `The consultation is cancelled`)} – ${campaign.title[language]}`,
    preview: say(language, `La consultation n’aura pas lieu.`, `The consultation will not take place.`),
    heading: say(language, `La consultation est annulée`, `The consultation is cancelled`),
    paragraphs: [campaign.title[language]],
    facts: [{ label: say(language, `Motif`, `Reason`), value: reason }],
    notes: [],
  }),
  report: ({ campaign, language }, { name, bodies, number: reference, version, kind, cutoff, headline, reportUrl }) => {
    const closing = kind === 'closing';
    return {
      subject: `${say(language, closing ? `Rapport de la consultation` : `Rapport provisoire`, closing ? `Report of the consultation` : `Interim report`)} – ${campaign.title[language]}`,
      preview: say(language, `${number(headline.contributions, language)} contributions reçues.`, `${number(headline.contributions, language)} contributions received.`),
      heading: say(language, closing ? `Le rapport de la consultation est prêt` : `Un rapport provisoire est prêt`, closing ? `The report of the consultation is ready` : `An interim report is ready`),
      paragraphs: [
        say(language, `Bonjour ${name},`, `Dear ${name},`),
        say(language, `Le rapport de la consultation suivante est à la disposition des instances de pilotage dont vous êtes membre :`, `The report of the following consultation is available to the steering bodies of which you are a member:`),
        campaign.title[language],
      ],
      facts: [
        { label: say(language, `Instances`, `Bodies`), value: bodies.join(', ') },
        { label: say(language, `Rapport`, `Report`), value: `${reference}, version ${version}` },
        { label: say(language, `Arrêté au`, `As of`), value: whenSaid(cutoff, campaign.window?.zone ?? 'Europe/Paris', language) },
        { label: say(language, `Contributions reçues`, `Contributions received`), value: number(headline.contributions, language) },
        { label: say(language, `dont retirées`, `of which withdrawn`), value: number(headline.withdrawn, language) },
        { label: say(language, `dont masquées`, `of which hidden`), value: number(headline.hidden, language) },
        { label: say(language, `Adresses distinctes déclarées`, `Distinct declared addresses`), value: number(headline.distinctAddresses, language) },
      ],
      action: { label: say(language, `Ouvrir le rapport`, `Open the report`), url: reportUrl },
      notes: [say(language, `Ce lien vous est personnel et reste valable 30 jours.`, `This link is personal and stays valid for 30 days.`)],
    };
  },
};
