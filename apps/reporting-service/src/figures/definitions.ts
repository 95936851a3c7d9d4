import type { Bilingual } from '@cahier/contracts';

/** What each figure means, as the API and the report print it. */
export const definitions = {
  contributions: {
    fr: 'Dépôts acceptés et reçus avant la date d’arrêté, quoi qu’ils soient devenus : les contributions retirées par leur auteur ou masquées par la modération sont comptées, leur texte n’est plus montré.',
    en: 'Filings accepted and received before the cut-off, whatever became of them: those withdrawn by their author or hidden by a moderator are counted, their text is no longer shown.',
  },
  withdrawn: { fr: 'Contributions retirées par leur auteur avant la clôture.', en: 'Contributions withdrawn by their author before closing.' },
  hidden: { fr: 'Contributions masquées par la modération.', en: 'Contributions hidden by a moderator.' },
  distinctAddresses: {
    fr: 'Adresses électroniques différentes déclarées à l’appui d’au moins une contribution. Une adresse n’est ni une personne ni une identité vérifiée ; les contributions sans adresse ne sont pas comptées ici. D’une rubrique à l’autre une même adresse peut compter plusieurs fois : ces nombres ne s’additionnent pas.',
    en: 'Different e-mail addresses declared with at least one contribution. An address is neither a person nor a verified identity; contributions without an address are not counted here. One address may count in several rows: these numbers do not add up.',
  },
  byDay: { fr: 'Selon l’instant de réception, dans le fuseau horaire de la campagne.', en: 'By the instant of receipt, in the campaign’s time zone.' },
  byHour: {
    fr: 'Heure locale de réception ; l’heure qui se répète au passage à l’heure d’hiver n’est comptée que sous un libellé.',
    en: 'Local hour of receipt; the hour that occurs twice when summer time ends has one label.',
  },
  bySection: {
    fr: 'Une contribution compte dans la section du premier passage qu’elle vise. Une réponse (argument, source) qui ne vise aucun passage compte dans la section de ce à quoi elle répond. « Sans section » : ni l’un ni l’autre.',
    en: 'A contribution counts in the section of the first passage it points to. An answer (argument, evidence) that points to no passage counts in the section of what it answers. “Without section”: neither.',
  },
  byKind: { fr: 'Nature choisie par l’auteur.', en: 'Kind chosen by the author.' },
  byStance: { fr: 'Position déclarée par l’auteur, sans pondération. Une consultation ouverte n’est pas un sondage.', en: 'Stance declared by the author, unweighted. An open consultation is not a survey.' },
  byAudience: { fr: 'Qualité déclarée par l’auteur, non vérifiée.', en: 'Capacity declared by the author, not verified.' },
} as const satisfies Record<string, Bilingual>;
